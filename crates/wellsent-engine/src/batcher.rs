//! Many small writes of one kind become few: whatever waits is written in one transaction, and each caller is answered when it is durable.

use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

type Waiting<T, E> = (T, oneshot::Sender<Result<(), E>>);

/// Collects items and hands them in batches to a write.
pub struct Batcher<T, E> {
    queue: mpsc::Sender<Waiting<T, E>>,
}

impl<T, E> Clone for Batcher<T, E> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

/// The batch could not be queued or its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl<T: Clone + Send + Sync + 'static, E: Send + 'static> Batcher<T, E> {
    /// Starts the collecting task. `write` gets what waits, at most `batch_max`. When a batch fails, its items are written one by one, so
    /// that one bad item does not take its neighbours with it.
    pub fn start<F, W>(batch_max: usize, queue_max: usize, write: W) -> Self
    where
        W: Fn(Arc<Vec<T>>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let (queue, mut waiting) = mpsc::channel::<Waiting<T, E>>(queue_max);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(batch_max);
            while waiting.recv_many(&mut batch, batch_max).await > 0 {
                let items: Arc<Vec<T>> = Arc::new(batch.iter().map(|(item, _)| item.clone()).collect());
                if write(items).await.is_ok() {
                    for (_, answer) in batch.drain(..) {
                        let _ = answer.send(Ok(()));
                    }
                    continue;
                }
                for (item, answer) in batch.drain(..) {
                    let _ = answer.send(write(Arc::new(vec![item])).await);
                }
            }
        });
        Self { queue }
    }

    /// Writes an item; answers when it is durable.
    pub async fn write(&self, item: T) -> Result<Result<(), E>, Closed> {
        let (answer, durable) = oneshot::channel();
        self.queue.send((item, answer)).await.map_err(|_| Closed)?;
        durable.await.map_err(|_| Closed)
    }
}
