//! Weights by name, laid out as a hash table in bytes so that nothing is read or built at the start.

/// Starts the hash of a feature's name.
pub const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Goes on with the hash of a feature's name.
pub fn hash(mut state: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state
}

/// Spreads a hash over the table; 0 marks an empty place and is never a key.
fn key_of(hash: u64) -> u64 {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 32)) | 1
}

/// A table of rows of `width` weights.
#[derive(Clone, Copy)]
pub struct Table {
    bytes: &'static [u8],
    width: usize,
    mask: usize,
}

impl Table {
    /// Reads what [`lay_out`] has written.
    pub const fn new(bytes: &'static [u8], width: usize) -> Self {
        Self { bytes, width, mask: bytes.len() / (8 + 4 * width) - 1 }
    }

    /// Adds the weights of a feature, times `value`, to `sums`.
    pub fn add(&self, hash: u64, value: f32, sums: &mut [f32]) {
        let key = key_of(hash);
        let row = 8 + 4 * self.width;
        let mut place = (key as usize >> 1) & self.mask;
        loop {
            let bytes = &self.bytes[place * row..(place + 1) * row];
            let found = u64::from_le_bytes(bytes[..8].try_into().unwrap_or_default());
            if found == 0 {
                return;
            }
            if found == key {
                for (sum, weight) in sums.iter_mut().zip(bytes[8..].chunks_exact(4)) {
                    *sum += value * f32::from_le_bytes(weight.try_into().unwrap_or_default());
                }
                return;
            }
            place = (place + 1) & self.mask;
        }
    }
}

/// Lays rows of weights out as a table at most half full.
pub fn lay_out(rows: &[(u64, Vec<f32>)], width: usize) -> Vec<u8> {
    let places = (rows.len() * 2).next_power_of_two().max(2);
    let row = 8 + 4 * width;
    let mut bytes = vec![0; places * row];
    for (hash, weights) in rows {
        let key = key_of(*hash);
        let mut place = (key as usize >> 1) & (places - 1);
        while bytes[place * row..place * row + 8] != [0; 8] {
            place = (place + 1) & (places - 1);
        }
        bytes[place * row..place * row + 8].copy_from_slice(&key.to_le_bytes());
        for (index, weight) in weights.iter().take(width).enumerate() {
            let at = place * row + 8 + 4 * index;
            bytes[at..at + 4].copy_from_slice(&weight.to_le_bytes());
        }
    }
    bytes
}
