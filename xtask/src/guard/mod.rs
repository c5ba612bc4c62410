//! The guard's models: training, scoring, cross-validation.

mod corpus;
mod learner;
mod names;
mod score;
mod train;

use corpus::Example;
pub use names::{cross as cross_names, train as train_names};
use score::Score;
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
            told.push((training::probability_with(&examples[at].text, &models), wanted(&examples[at])));
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

/// What health content would be found from which probability on, if there were one threshold for all texts.
fn thresholds(told: &[(f32, bool)]) -> String {
    let mut table = "one threshold for all texts:".to_owned();
    for from in [0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6] {
        let found = told.iter().filter(|(probability, _)| *probability >= from).count();
        let right = told.iter().filter(|(probability, wanted)| *wanted && *probability >= from).count();
        let wanted = told.iter().filter(|(_, wanted)| *wanted).count();
        let (precision, recall) = (right as f64 / found.max(1) as f64, right as f64 / wanted.max(1) as f64);
        table.push_str(&format!("  {from:.2}: {precision:.3}/{recall:.3}"));
    }
    table + "  (precision/recall)\n"
}

fn finish(score: &Score, errors: bool) {
    print!("{}", score.table());
    if errors {
        for wrong in score.wrong() {
            println!("{wrong}");
        }
    }
}
