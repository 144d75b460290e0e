//! Which failures pass by themselves, and how long to wait for that.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::{answer::Answer, failure::Failure, ghcr, verdict};

/// How often a request is sent at most.
pub const ATTEMPTS: u32 = 3;

/// The waits after the first and the second attempt.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];

/// By how much a wait is varied either way, in parts of a thousand.
const JITTER: u32 = 200;

/// The longest wait that a registry may ask for. A longer one ends the attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How long to wait before the next attempt, or `None` to make no further one.
///
/// `random` is a random number; it varies the wait so that parallel jobs do not return in step.
pub fn wait(attempts: u32, outcome: &Result<Answer, Failure>, random: u32) -> Option<Duration> {
    let backoff = BACKOFF.get(attempts.checked_sub(1)? as usize)?;
    let asked = match outcome {
        Err(failure) if failure.is_transient() => None,
        Ok(answer) if is_transient(answer) => asked_wait(answer),
        _ => return None,
    };
    let varied = *backoff * (1000 - JITTER + random % (2 * JITTER + 1)) / 1000;
    let wait = varied.max(asked.unwrap_or_default());
    (wait <= LONGEST_WAIT).then_some(wait)
}

fn is_transient(answer: &Answer) -> bool {
    matches!(answer.status, 408 | 425 | 429 | 500 | 502..=504) || verdict::is_throttling(answer.status, &answer.body)
}

/// What the registry asks for: `Retry-After` (RFC 9110 section 10.2.3), else GHCR's message. One that makes no
/// sense or lies in the past is ignored.
fn asked_wait(answer: &Answer) -> Option<Duration> {
    retry_after(&answer.headers).or_else(|| in_message(&answer.body))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    // The server's own clock is the base where it tells it: ours may be off.
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let now = headers.get(DATE).and_then(|now| date(now.to_str().ok()?)).unwrap_or_else(SystemTime::now);
    date(value)?.duration_since(now).ok()
}

/// The wait in GHCR's message.
fn in_message(body: &[u8]) -> Option<Duration> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(ghcr::WAIT)?;
    go_duration(rest.split([',', '"', ' ', '\\']).next()?)
}

/// Go's `time.ParseDuration`, without a sign: numbers, each with a unit.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (number, unit_on) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, next) = unit_on.split_at(unit_on.find(|c: char| c.is_ascii_digit()).unwrap_or(unit_on.len()));
        let scale = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = next;
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::registry::failure::Distrust;

    /// The number that varies nothing.
    const EVEN: u32 = JITTER;

    fn answer(status: u16, headers: &[(HeaderName, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect();
        Answer { status, headers, body: body.into() }
    }

    fn millis(attempts: u32, answer: Answer) -> Option<u128> {
        after(attempts, &Ok(answer))
    }

    fn after(attempts: u32, outcome: &Result<Answer, Failure>) -> Option<u128> {
        wait(attempts, outcome, EVEN).map(|wait| wait.as_millis())
    }

    #[test]
    fn what_passes_is_tried_three_times() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            let waits = [1, 2, 3].map(|attempts| millis(attempts, answer(status, &[], "")));
            assert_eq!(waits, [Some(500), Some(1500), None], "{status}");
        }
        for failure in [Failure::Unreachable, Failure::Cut, Failure::Timeout] {
            assert_eq!(after(1, &Err(failure)), Some(500), "{failure:?}");
        }
        assert_eq!(millis(1, answer(403, &[], "You have exceeded a secondary rate limit")), Some(500));
    }

    #[test]
    fn what_stays_is_not_tried_again() {
        for status in [200, 202, 301, 307, 400, 401, 403, 404, 405, 501, 505, 520] {
            assert_eq!(millis(1, answer(status, &[], "")), None, "{status}");
        }
        for failure in [Failure::Tls(Distrust::Other), Failure::Protocol, Failure::ProxyRefused] {
            assert_eq!(after(1, &Err(failure)), None, "{failure:?}");
        }
    }

    #[test]
    fn a_wait_is_varied_by_a_fifth() {
        let bounds = [0, 2 * JITTER].map(|random| wait(1, &Err(Failure::Cut), random).unwrap().as_millis());
        assert_eq!(bounds, [400, 600]);
    }

    #[test]
    fn a_wait_that_the_registry_asks_for_is_kept_up_to_ten_seconds() {
        let asked = |value: &str| millis(1, answer(503, &[(RETRY_AFTER, value), (DATE, "Sat, 21 Nov 2026 10:00:00 GMT")], ""));
        assert_eq!(asked("2"), Some(2000));
        assert_eq!(asked("10"), Some(10_000));
        assert_eq!(asked("Sat, 21 Nov 2026 10:00:05 GMT"), Some(5000));
        for too_long in ["11", "86400", "99999999999999999999999", "Sat, 21 Nov 2026 10:00:11 GMT"] {
            assert_eq!(asked(too_long), None, "{too_long}");
        }
        for ignored in ["Thu, 01 Jan 1970 00:00:00 GMT", "-1", "soon", "1.5"] {
            assert_eq!(asked(ignored), Some(500), "{ignored}");
        }
    }

    #[test]
    fn ghcr_asks_in_a_message_with_a_go_duration() {
        let asked = |text: &str| {
            let body = format!(r#"{{"errors":[{{"code":"TOOMANYREQUESTS","message":"retry-after: {text}, allowed: 2000/minute"}}]}}"#);
            millis(1, answer(429, &[], &body))
        };
        assert_eq!(asked("10.305464ms"), Some(500));
        assert_eq!(asked("880.092µs"), Some(500));
        assert_eq!(asked("2.5s"), Some(2500));
        assert_eq!(asked("1m30s"), None);
        assert_eq!(asked("soon"), Some(500));
    }

    #[test]
    fn go_durations_are_read_as_go_reads_them() {
        for (text, seconds) in [
            ("300ns", Some(3e-7)),
            ("1h1m1s", Some(3661.0)),
            ("1.5s", Some(1.5)),
            ("", None),
            ("1", None),
            ("s", None),
            ("1x", None),
            ("1..5s", None),
        ] {
            assert_eq!(go_duration(text), seconds.map(Duration::from_secs_f64), "{text}");
        }
    }
}
