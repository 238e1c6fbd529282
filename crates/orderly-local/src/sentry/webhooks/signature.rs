//! The signature of a webhook: HMAC-SHA256 of the body's bytes as they are sent, keyed with the app's client secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// `Sentry-Hook-Signature`: 64 hex digits.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
