//! What is in the image.

use ghcr_auth_testbed::{front_door::Rules, images, job::Job};

use crate::container::bench;

ghcr_auth_testbed::tests![
    no_library_of_anybody_elses_is_loaded_into_the_program,
    a_program_that_is_linked_dynamically_is_told,
    an_error_with_a_backtrace_in_it_is_only_an_error,
    the_image_is_a_command_line_too,
];

/// The type of the program header that names a dynamic linker (elf(5), `PT_INTERP`).
const INTERPRETER: u32 = 3;

/// The types of an ELF file's program headers, for 64 bits and little-endian (elf(5)).
fn program_headers(file: &[u8]) -> Vec<u32> {
    let half = |offset: usize| usize::from(u16::from_le_bytes([file[offset], file[offset + 1]]));
    let word = |offset: usize| u32::from_le_bytes([file[offset], file[offset + 1], file[offset + 2], file[offset + 3]]);
    assert_eq!((&file[..4], file[4], file[5]), (&b"\x7fELF"[..], 2, 1));
    let (start, size, count) = (word(32) as usize, half(54), half(56));
    (0..count).map(|number| word(start + number * size)).collect()
}

fn no_library_of_anybody_elses_is_loaded_into_the_program() {
    let engine = images::engine();
    let job = Job::new();
    let program = job.temp().join("program");
    images::copy_program(&engine, &program);
    let headers = program_headers(&std::fs::read(program).unwrap());
    assert!(!headers.is_empty() && !headers.contains(&INTERPRETER), "it is linked dynamically: {headers:?}");
}

fn a_program_that_is_linked_dynamically_is_told() {
    let shell = program_headers(&std::fs::read("/bin/sh").unwrap());
    assert!(shell.contains(&INTERPRETER), "{shell:?}");
}

/// Libraries capture a backtrace with an error; a program without tables for unwinding aborts then.
fn an_error_with_a_backtrace_in_it_is_only_an_error() {
    let bench = bench::Bench::new(Rules::default().allow("ghp_robot"));
    let run = bench.action().input("GHCR_PAT", "ghp_robot").env("GITHUB_API_URL", "http://127.0.0.1:1").env("RUST_BACKTRACE", "full").run();
    assert_eq!((run.code, run.output("push")), (0, "true"), "{}", run.log());
}

fn the_image_is_a_command_line_too() {
    let (engine, job) = (images::engine(), Job::new());
    let denied = "failed to push ghcr.io/acme/app:v1: denied: permission_denied: write_package";
    let explained = engine.docker(&["run", "--rm", &images::tested(), "explain", denied]);
    assert!(images::said(&explained).contains("(package-write-denied)"), "{}", images::said(&explained));

    let workflows = job.workspace().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("ci.yml"), "on: push\njobs:\n  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n").unwrap();
    let mount = format!("{}:/repo:ro", job.workspace().display());
    let audited = engine.docker(&["run", "--rm", "-v", &mount, "-w", "/repo", &images::tested(), "audit"]);
    assert_eq!(images::said(&audited), "workflows: 1, findings: 0\n");
}
