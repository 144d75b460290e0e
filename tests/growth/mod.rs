//! Work grows with what is read, not with its square: instructions are counted at a size, twice and four times it.
//! The time that a machine takes says nothing.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod library;

use std::{fs, process::Command};

use ghcr_auth_testbed::{harness::Test, needs};

use super::binary;

ghcr_auth_testbed::tests!(the_work_for_a_workflow_file_is_linear_in_every_dimension);

pub(crate) const ALL: &[&[Test]] = &[TESTS, library::ALL];
pub(crate) use library::was_asked_for_work;

/// The smallest size, in pieces of a shape.
const SIZE: usize = 200;

/// How often what four times the size adds to twice may be what twice adds to once: 2 by a line, 4 by a square.
const STEEPEST: f64 = 2.7;

/// Work that is small whatever its growth, in instructions.
const NOTHING: f64 = 3e6;

/// A name, and the workflow of a size.
type Shape = (&'static str, fn(usize) -> String);

/// Files that grow in one dimension each.
const SHAPES: [Shape; 26] = [
    ("open brackets", |n| format!("jobs: {}", "[".repeat(n))),
    ("open mappings", |n| format!("jobs: {}", "{a: ".repeat(n))),
    ("open blocks", |n| format!("jobs:\n  a:\n    {}", "- ".repeat(n))),
    ("nested as deep as allowed", |n| {
        workflow(&format!("x: [{}]\n", format!("{}{}, ", "[".repeat(40), "]".repeat(40)).repeat(n / 20)), "")
    }),
    ("wide lists", |n| workflow(&format!("x: [{}]\n", "a, ".repeat(n)), "")),
    ("keys", |n| workflow(&format!("env:\n{}", numbered(n, |i| format!("  K{i}: v\n"))), "")),
    ("aliases", |n| workflow(&format!("x: &x [a, b, c]\ny: [{}]\n", "*x, ".repeat(n)), "")),
    ("aliases of a long text", |n| workflow(&format!("x: &x {}\ny: [{}]\n", "x".repeat(n), "*x, ".repeat(n)), "")),
    ("aliases of aliases", |n| {
        let levels = numbered(4 + n / 400, |i| format!("a{}: &a{} [{}]\n", i + 1, i + 1, vec![format!("*a{i}"); 9].join(",")));
        workflow(&format!("a0: &a0 x\n{levels}"), "")
    }),
    ("merges", |n| workflow(&format!("x: &x\n{}y: {{<<: [{}]}}\n", numbered(n, |i| format!("  K{i}: v\n")), "*x, ".repeat(8)), "")),
    ("references", |n| workflow("env: {A: ghcr.io/a/b}\n", &format!("    - run: docker push {}\n", "${{ env.A }} ".repeat(n)))),
    ("variables of a shell", |n| {
        workflow("env: {A: b}\n", &format!("    - run: echo A=1 >> $GITHUB_ENV\n    - run: docker push {}\n", "$A ".repeat(n)))
    }),
    ("unknown variables beside many keys", |n| {
        let keys = numbered(n, |i| format!("  K{i}: v\n"));
        workflow(&format!("env:\n{keys}"), &format!("    - run: docker push {}\n", "$ZZ ".repeat(n)))
    }),
    ("short lines", |n| workflow("", &format!("    - run: |\n{}", "        a\n".repeat(n)))),
    ("steps", |n| workflow("", &"    - run: make\n".repeat(n))),
    ("steps that push", |n| workflow("", &"    - run: docker push ghcr.io/a/b\n".repeat(n))),
    ("commands of a line", |n| workflow("", &format!("    - run: {}\n", "docker push ghcr.io/a/b; ".repeat(n)))),
    ("continued lines", |n| workflow("", &format!("    - run: |\n{}        docker push ghcr.io/a/b\n", "        echo \\\n".repeat(n)))),
    ("variables of a script", |n| {
        let assignments = numbered(n, |i| format!("        A{}=$A{i}x\n", i + 1));
        workflow("", &format!("    - run: |\n{assignments}        docker push ghcr.io/a/$A9\n"))
    }),
    ("open expressions", |n| workflow("", &format!("    - run: docker push ghcr.io/{}\n", "${{ ".repeat(n)))),
    ("conditions", |n| {
        let condition = ["github.ref == 'refs/heads/main'"].repeat(n).join(" && ");
        workflow("", &format!("    - if: {condition}\n      run: docker push ghcr.io/a/b\n"))
    }),
    ("calls of itself", |n| jobs("workflow_call", &call(n))),
    ("permissions of the workflow", |n| {
        let permissions = numbered(n, |i| format!("  p{i}: read\n"));
        format!("on: push\npermissions:\n{permissions}jobs:\n{}", pushing(n, ""))
    }),
    ("names from outputs", |n| {
        let images = numbered(n / 20, |i| format!("          ghcr.io/a/b{i}\n"));
        let metadata = format!("    - uses: docker/metadata-action@v5\n      id: m\n      with:\n        images: |\n{images}");
        let push = "    - uses: docker/build-push-action@v6\n      with: {push: true, tags: '${{ steps.m.outputs.tags }}'}\n";
        workflow("", &(metadata + &push.repeat(n)))
    }),
    ("values of a matrix", |n| {
        let matrix = format!("    strategy: {{matrix: {{x: [{}]}}}}\n", "a, ".repeat(n));
        let push = "    - run: docker push ${{ matrix.x }}\n".repeat(n);
        jobs("push", &format!("  a:\n{matrix}    steps:\n{push}"))
    }),
    ("logins in a pipe", |n| workflow("", &format!("    - run: a{}\n", " | docker login ghcr.io -u x".repeat(n)))),
];

fn jobs(events: &str, jobs: &str) -> String {
    format!("on: [{events}]\njobs:\n{jobs}")
}

/// Jobs that call the file that they are in.
fn call(n: usize) -> String {
    numbered(n, |i| format!("  c{i}:\n    uses: ./.github/workflows/a.yml\n"))
}

/// Jobs that push, each with some more lines.
fn pushing(n: usize, more: &str) -> String {
    numbered(n, |i| format!("  j{i}:\n    runs-on: x\n{more}    steps:\n    - run: docker push ghcr.io/a/b\n"))
}

fn workflow(top: &str, steps: &str) -> String {
    format!("on: [push, pull_request]\n{top}jobs:\n  a:\n    runs-on: x\n    steps:\n    - run: docker login ghcr.io\n{steps}")
}

fn numbered(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect()
}

/// The instructions that `audit` takes for a file.
fn instructions(text: &str) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let workflows = directory.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(workflows.join("a.yml"), text).unwrap();
    let mut command = Command::new(binary());
    command.arg("audit").arg(directory.path());
    counted(&command)
}

/// The instructions that a command takes.
fn counted(command: &Command) -> f64 {
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    let said = String::from_utf8(counted.stderr).unwrap();
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).unwrap_or_else(|| panic!("{said}")).1;
    collected.trim().parse().unwrap()
}

/// Says so if what takes so many instructions for a size, twice and four times it grows by more than a line.
fn steep(name: &str, instructions: impl Fn(usize) -> f64) -> Option<String> {
    let [once, twice, four] = [1, 2, 4].map(instructions);
    let is_linear = four - twice < NOTHING || four - twice < STEEPEST * (twice - once);
    (!is_linear).then(|| format!("{name}: {once:.0}, {twice:.0}, {four:.0}\n"))
}

fn the_work_for_a_workflow_file_is_linear_in_every_dimension() {
    needs::program("valgrind", "valgrind");
    let found: String = SHAPES.iter().filter_map(|(name, shape)| steep(name, |times| instructions(&shape(SIZE * times)))).collect();
    assert!(found.is_empty(), "more than linear:\n{found}");
}
