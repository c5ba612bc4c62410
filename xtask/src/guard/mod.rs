//! The guard's models: training, scoring, cross-validation.

mod corpus;
mod learner;
mod names;
mod score;
mod speed;
mod train;

use corpus::Example;
pub use names::{cross as cross_names, train as train_names};
use score::Score;
pub use speed::run as speed;
use std::path::Path;
use train::Prepare;
use wellsent_text::guard::{Class, Known, check, training};

const TRAINING_TEXTS: &str = "crates/wellsent-text/tests/phi/train.txt";
const WEIGHTS: &str = "crates/wellsent-text/lexicon/weights";

/// Trains on marked texts and writes the weights.
pub fn train(paths: &[&str]) -> Result<(), String> {
    let paths = if paths.is_empty() { &[TRAINING_TEXTS] } else { paths };
    let mut examples: Vec<Example> = Vec::new();
    for path in paths {
        examples.extend(corpus::read(path)?);
    }
    let prepared = Prepare::new(&examples);
    let chosen: Vec<usize> = (0..examples.len()).collect();
    let learnt = prepared.train(&chosen);
    learnt.write(Path::new(WEIGHTS))?;
    println!(
        "{} texts; weights: token {}, category {}, special {}, message {}",
        examples.len(),
        learnt.token.len(),
        learnt.category.len(),
        learnt.special.len(),
        learnt.message.len()
    );
    Ok(())
}

/// Prints how well the guard, as it is compiled in, does on marked texts.
pub fn score(path: &str, errors: bool) -> Result<(), String> {
    let mut score = Score::default();
    let known = Known::default();
    for example in corpus::read(path)? {
        score.add(&example, &check(&example.text, &known));
    }
    finish(&score, errors);
    Ok(())
}

/// For every file: trains on the others and scores on it. Files behind `--` are scored with a model of all.
pub fn cross(paths: &[&str], errors: bool) -> Result<(), String> {
    let (trained, only_scored) = match paths.iter().position(|path| *path == "--") {
        Some(at) => (&paths[..at], &paths[at + 1..]),
        None => (paths, &paths[..0]),
    };
    let mut examples: Vec<Example> = Vec::new();
    let mut file = Vec::new();
    for (index, path) in trained.iter().enumerate() {
        let read = corpus::read(path)?;
        file.extend(vec![index; read.len()]);
        examples.extend(read);
    }
    let prepared = Prepare::new(&examples);
    let mut together = Score::default();
    let mut told = Vec::new();
    for (index, path) in trained.iter().enumerate() {
        let others: Vec<usize> = (0..examples.len()).filter(|at| file[*at] != index).collect();
        let models = prepared.train(&others).models();
        let mut score = Score::default();
        for at in (0..examples.len()).filter(|at| file[*at] == index) {
            let report = training::check_with(&examples[at].text, &models);
            let (probability, kind) = training::probability_with(&examples[at].text, &models);
            told.push((probability, kind, wanted(&examples[at]), examples[at].has_special()));
            score.add(&examples[at], &report);
            together.add(&examples[at], &report);
        }
        println!("== {path}, trained on the others");
        finish(&score, errors);
    }
    println!("== all of them");
    finish(&together, false);
    print!("{}", thresholds(&told));
    if !only_scored.is_empty() {
        let models = prepared.train(&(0..examples.len()).collect::<Vec<_>>()).models();
        for path in only_scored {
            let mut score = Score::default();
            for example in corpus::read(path)? {
                score.add(&example, &training::check_with(&example.text, &models));
            }
            println!("== {path}, trained on all");
            finish(&score, errors);
        }
    }
    Ok(())
}

fn wanted(example: &Example) -> bool {
    example.class() == Class::HealthContent
}

/// What would be found with other thresholds: precision/recall/recall of special kinds.
fn thresholds(told: &[(f32, bool, bool, bool)]) -> String {
    let mut table = "threshold of texts that sound special (columns) and others (rows):\n".to_owned();
    for others in [0.3, 0.35, 0.4, 0.45, 0.5] {
        table.push_str(&format!("{others:.2}"));
        for special in [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4] {
            let found = |(probability, kind, _, _): &&(f32, bool, bool, bool)| *probability >= if *kind { special } else { others };
            let all = told.iter().filter(found).count();
            let right = told.iter().filter(found).filter(|one| one.2).count();
            let specials = told.iter().filter(found).filter(|one| one.3).count();
            let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
            table.push_str(&format!(
                "  {special:.2}: {:.3}/{:.3}/{:.3}",
                share(right, all),
                share(right, told.iter().filter(|one| one.2).count()),
                share(specials, told.iter().filter(|one| one.3).count())
            ));
        }
        table.push('\n');
    }
    table
}

fn finish(score: &Score, errors: bool) {
    print!("{}", score.table());
    if errors {
        for wrong in score.wrong() {
            println!("{wrong}");
        }
    }
}
