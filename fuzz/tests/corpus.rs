//! Replays the corpora: bytes that a fuzzer found to lead somewhere, or that once broke something.

use std::{fs, path::Path};

#[test]
fn everything_in_the_corpora_still_holds() {
    for (target, check) in ghcr_auth_fuzz::TARGETS {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() > 7, "{target} has a corpus of {} files", files.len());
        for file in files {
            let content = fs::read(&file).unwrap();
            assert!(std::panic::catch_unwind(|| check(&content)).is_ok(), "{}", file.display());
        }
    }
}
