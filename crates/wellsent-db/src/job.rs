//! Jobs: closures that wait for a connection.

use crate::{DbError, Tx};

/// What a job learns in the end.
pub(crate) enum Fate {
    /// The transaction was kept, or the job itself refused: its own result stands.
    Own,
    /// The database decided otherwise.
    Error(DbError),
}

/// A job without its types.
pub(crate) trait Job: Send {
    /// Runs the closure and remembers its result; says whether that was `Ok`.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Sends the answer. A receiver that is gone is no error: the work is done all the same.
    fn answer(self: Box<Self>, fate: Fate);
}

pub(crate) struct Typed<T, E, F, R> {
    work: F,
    result: Option<Result<T, E>>,
    reply: R,
}

impl<T, E, F, R> Typed<T, E, F, R> {
    pub(crate) fn new(work: F, reply: R) -> Self {
        Self { work, result: None, reply }
    }
}

impl<T, E, F, R> Job for Typed<T, E, F, R>
where
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    R: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        self.result = None;
        let result = (self.work)(tx);
        let kept = result.is_ok();
        self.result = Some(result);
        kept
    }

    fn answer(self: Box<Self>, fate: Fate) {
        let result = match (fate, self.result) {
            (Fate::Own, Some(result)) => result,
            (Fate::Own, None) => Err(E::from(DbError::Closed)),
            (Fate::Error(error), _) => Err(E::from(error)),
        };
        (self.reply)(result);
    }
}
