//! Replays the corpora: bytes that a fuzzer found to lead somewhere, or that once broke something. One input a line.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

#[test]
fn everything_in_the_corpora_still_holds() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, check) in ghcr_auth_fuzz::TARGETS {
        let corpus = fs::read_to_string(directory.join(format!("{target}.base64"))).unwrap();
        assert!(corpus.lines().count() > 7, "{target} has a corpus of {} inputs", corpus.lines().count());
        for (number, line) in corpus.lines().enumerate() {
            let input = STANDARD.decode(line).unwrap();
            assert!(std::panic::catch_unwind(|| check(&input)).is_ok(), "{target}.base64:{}", number + 1);
        }
    }
    assert_eq!(fs::read_dir(directory).unwrap().count(), ghcr_auth_fuzz::TARGETS.len(), "a corpus without a target");
}
