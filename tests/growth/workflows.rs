//! Workflow files that grow in one dimension each, and `audit`.

use std::{ffi::OsString, fs};

use futures_util::FutureExt as _;
use ghcr_auth::{commands, job::environment::Environment};

use super::{measure::Work, numbered};

/// A name, and the workflow of a size.
type Shape = (&'static str, fn(usize) -> String);

const LOGIN: &str = "    - {uses: docker/login-action@v3, with: {registry: ghcr.io, password: '${{ github.token }}'}}\n";

/// Files with much of one thing.
const OF_PIECES: [Shape; 24] = [
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
        let levels = numbered(4 + n / 100, |i| format!("a{}: &a{} [{}]\n", i + 1, i + 1, vec![format!("*a{i}"); 9].join(",")));
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
    ("variables within variables", |n| {
        let level = |name: &str, inner: &str| format!("  {name}: '{}'\n", format!("${{{{ env.{inner} }}}}").repeat(n / 20));
        let env = [level("B", "A"), level("C", "B"), level("D", "C"), level("E", "D")].concat();
        workflow(
            &format!("env:\n  A: ghcr.io/a/{}\n{env}", "b".repeat(1000)),
            "    - uses: docker/login-action@v4\n      with: {registry: '${{ env.E }}'}\n",
        )
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
    ("copies of a script", |n| {
        let copies = numbered(n, |i| format!("        crane copy ghcr.io/a/b{i} $TO\n"));
        workflow("", &format!("    - run: |\n{copies}"))
    }),
    ("ids like the one to add", |n| workflow("", &(LOGIN.to_owned() + &numbered(4 * n, |i| format!("    - {{id: ghcr-{i}, run: x}}\n"))))),
    ("open expressions", |n| workflow("", &format!("    - run: docker push ghcr.io/{}\n", "${{ ".repeat(n)))),
    ("conditions", |n| {
        let condition = ["github.ref == 'refs/heads/main'"].repeat(n).join(" && ");
        workflow("", &format!("    - if: {condition}\n      run: docker push ghcr.io/a/b\n"))
    }),
];

/// Files of many jobs.
const OF_JOBS: [Shape; 10] = [
    ("calls of itself", |n| jobs("workflow_call", &call(n))),
    ("jobs of a called workflow", |n| jobs("push, pull_request, workflow_call", &(call(1) + &pushing(n, "")))),
    ("calls of itself and pushes", |n| {
        let build = |i| format!("    - uses: docker/bake-action@v5\n      with: {{push: true, set: '*.tags=ghcr.io/a/b{i}'}}\n");
        jobs("push, pull_request, workflow_call", &format!("  a:\n    steps:\n{}{}", numbered(n, build), call(2 * n)))
    }),
    ("calls of itself and steps", |n| {
        let steps = "    - uses: a/b@v1\n".repeat(2 * n);
        jobs("push, workflow_call", &format!("  a:\n    steps:\n    - run: docker push ghcr.io/a/b\n{steps}{}", call(2 * n)))
    }),
    ("calls of a job with many permissions", |n| {
        let permissions = numbered(4 * n, |i| format!("      p{i}: read\n"));
        let pushing = format!("  a:\n    permissions:\n{permissions}    steps:\n    - run: docker push ghcr.io/a/b\n");
        jobs("push, workflow_call", &format!("{}{pushing}", call(1)))
    }),
    ("outputs of another job that says nothing", |n| {
        let steps = "    - uses: a/b@v1\n".repeat(2 * n);
        let push = |i| format!("  p{i}:\n    needs: a\n    steps:\n    - run: docker push ${{{{ needs.a.outputs.x }}}}\n");
        jobs("push", &format!("  a:\n    steps:\n{steps}{}", numbered(2 * n, push)))
    }),
    ("outputs of no job", |n| {
        let push = |i| format!("  p{i}:\n    steps:\n    - run: docker push ${{{{ needs.x.outputs.x }}}}\n");
        jobs("push", &numbered(2 * n, push))
    }),
    ("inputs of a called workflow", |n| {
        let inputs = numbered(n, |i| format!("      i{i}: {{type: string, default: a}}\n"));
        let on = format!("on:\n  push:\n  pull_request:\n  workflow_call:\n    inputs:\n{inputs}");
        format!("{on}jobs:\n{}{}", call(1), pushing(n, ""))
    }),
    ("the condition of a job that many need", |n| {
        let condition = ["github.ref == 'refs/heads/main'"].repeat(n).join(" && ");
        let needed = format!("  needed:\n    if: {condition}\n    steps: []\n");
        jobs("push, pull_request", &(needed + &pushing(n, "    needs: needed\n")))
    }),
    ("permissions of the workflow", |n| {
        // More than a fix repeats.
        let n = 4 * n;
        let permissions = numbered(n, |i| format!("  p{i}: read\n"));
        format!("on: push\npermissions:\n{permissions}jobs:\n{}", pushing(n, ""))
    }),
];

/// Files with two things that are held against each other, up to the most pushes that are looked at.
const OF_PAIRS: [Shape; 9] = [
    ("names from outputs", |n| {
        let images = numbered(n / 20, |i| format!("          ghcr.io/a/b{i}\n"));
        let metadata = format!("    - uses: docker/metadata-action@v5\n      id: m\n      with:\n        images: |\n{images}");
        let push = "    - uses: docker/build-push-action@v6\n      with: {push: true, tags: '${{ steps.m.outputs.tags }}'}\n";
        workflow("", &(metadata + &push.repeat(n)))
    }),
    ("outputs of steps of one id", |n| {
        let steps = "    - id: s\n      run: echo\n".repeat(n);
        workflow("", &(steps + &"    - run: docker push ${{ steps.s.outputs.x }}\n".repeat(n)))
    }),
    ("outputs of another job", |n| {
        let other = format!("  s:\n    steps:\n{}", "    - run: echo\n".repeat(n));
        let push = "    - run: docker push ${{ needs.s.outputs.x }}\n".repeat(n);
        jobs("push", &format!("{other}  a:\n    needs: s\n    steps:\n{push}"))
    }),
    ("values of a matrix", |n| {
        let matrix = format!("    strategy: {{matrix: {{x: [{}]}}}}\n", "a, ".repeat(n));
        let push = "    - run: docker push ${{ matrix.x }}\n".repeat(n);
        jobs("push", &format!("  a:\n{matrix}    steps:\n{push}"))
    }),
    ("exports to later steps", |n| {
        let exports = "    - run: echo A=b >> $GITHUB_ENV\n".repeat(n);
        workflow("", &(exports + &"    - run: docker push ${{ env.A }}\n".repeat(n)))
    }),
    ("ghcr-auth and pushes", |n| workflow("", &"    - uses: org/ghcr-auth@v1\n    - run: docker push ghcr.io/a/c\n".repeat(n))),
    ("events and jobs", |n| {
        let events = numbered(n, |i| format!("e{i}, "));
        jobs(&events, &pushing(n, "    if: github.event_name != 'x'\n"))
    }),
    ("images and names of one push", |n| {
        let images = numbered(n, |i| format!("          ghcr.io/a/b{i}\n"));
        let guard = format!("    - uses: org/ghcr-auth@v1\n      with:\n        images: |\n{images}");
        workflow("", &format!("{guard}    - run: docker buildx build --push {}.\n", numbered(n, |i| format!("-t ghcr.io/a/b{i} "))))
    }),
    ("logins in a pipe", |n| workflow("", &format!("    - run: a{}\n", " | docker login ghcr.io -u x".repeat(n)))),
];

pub(super) fn works() -> Vec<Work> {
    of(200, &OF_PIECES).chain(of(50, &OF_JOBS)).collect()
}

pub(super) fn works_of_pairs() -> Vec<Work> {
    of(100, &OF_PAIRS).collect()
}

/// The works for shapes, the smallest of so many pieces.
fn of(size: usize, shapes: &'static [Shape]) -> impl Iterator<Item = Work> {
    shapes.iter().map(move |(name, shape)| Work { name: (*name).to_owned(), size, text: Box::new(|n| shape(n).into_bytes()), done: audit })
}

/// Audits a workflow that is alone in its repository.
fn audit(text: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    let workflows = directory.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(workflows.join("a.yml"), text).unwrap();
    let arguments = ["ghcr-auth".into(), "audit".into(), OsString::from(directory.path())];
    assert!(commands::run(&arguments, &Environment::default()).now_or_never().is_some(), "it waits for nothing");
}

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
