//! How the networks behave: as badly as real ones on their worst day, or well.

use crate::beside::Beside;
use serde_json::{Value, json};

/// How long callbacks are repeated: longer than any run.
const CALLBACK_RETRY_S: u32 = 3_600;

/// Lines drop, answers are errors, nonsense or late, receipts are lost, repeated and out of order. All of it happens at shares of a seed.
pub fn stormy(beside: Beside, seed: u64) -> Value {
    match beside {
        Beside::Simulator => json!({
            "seed": seed,
            "answer_ms": [0, 120],
            "throttle_per_s": 150,
            "refuse": 0.01,
            "drop_before_accept": 0.02,
            "drop_after_accept": 0.04,
            "error_after_accept": 0.03,
            "garbage_after_accept": 0.01,
            "slow": 0.02,
            "slow_ms": 1_500,
            "delivery_ms": [0, 300],
            "undelivered": 0.02,
            "receipts": { "delay_ms": [0, 300], "report_sent": true, "lose": 0.02, "duplicate": 0.1, "reorder": 0.1, "before_answer": 0.05 },
            "callback_retry_s": CALLBACK_RETRY_S,
        }),
        // The log shows a text a while after it was taken, less than the server goes on looking.
        Beside::Twilio => json!({
            "seed": seed,
            "answer_ms": [0, 120],
            "throttle_per_s": 150,
            "refuse": 0.01,
            "drop_before_accept": 0.02,
            "drop_after_accept": 0.04,
            "error_before_accept": 0.02,
            "error_after_accept": 0.03,
            "garbage_after_accept": 0.01,
            "slow": 0.02,
            "slow_ms": 1_500,
            "delivery_ms": [0, 300],
            "undelivered": 0.02,
            "unconfirmed": 0.02,
            "callbacks": {
                "delay_ms": [0, 300],
                "lose": 0.03,
                "duplicate": 0.1,
                "reorder": 0.1,
                "before_answer": 0.05,
                "lose_inbound": 0.1,
                "duplicate_inbound": 0.1,
            },
            "callback_retry_s": CALLBACK_RETRY_S,
            "log_lag_ms": 200,
            "at_rest_ms": 500,
        }),
        // A cut takes everything with it that is on the line, so it is rarer.
        Beside::Smpp => json!({
            "seed": seed,
            "answer_ms": [0, 120],
            "throttle_per_s": 150,
            "refuse": 0.01,
            "throttle": 0.02,
            "cut_before_accept": 0.01,
            "cut_after_accept": 0.015,
            "error_after_accept": 0.02,
            "garbage_after_accept": 0.005,
            "slow": 0.02,
            "slow_ms": 1_500,
            "delivery_ms": [0, 300],
            "undelivered": 0.02,
            "receipts": { "delay_ms": [0, 300], "lose": 0.02, "duplicate": 0.1, "reorder": 0.1, "before_answer": 0.05 },
            "replies": { "ids": true, "duplicate": 0.1 },
        }),
    }
}

/// No fault at all. What was decided for a text before stays as it is.
pub fn calm(beside: Beside) -> Value {
    match beside {
        Beside::Simulator | Beside::Twilio => json!({ "callback_retry_s": CALLBACK_RETRY_S }),
        Beside::Smpp => json!({ "replies": { "ids": true } }),
    }
}

/// Takes every receipt away.
pub fn without_receipts(beside: Beside, mut behaviour: Value) -> Value {
    let of = if beside == Beside::Twilio { "callbacks" } else { "receipts" };
    behaviour[of]["lose"] = json!(1.0);
    behaviour
}
