use super::{
    Located, Workflow,
    correction::Target,
    job_path,
    node::Segment,
    permissions::{Packages, SetBy},
    reference::own_path,
};

const CI: &str = "\
name: CI
on: [push]
permissions:
  contents: read
jobs:
  build:
    name: Build ${{ matrix.os }}
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: read # too little
      id-token: write
    steps:
    - uses: actions/checkout@v4
    - name: Build
      run: |
        key: not a key
        docker push ghcr.io/acme/app
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make
";

pub(super) fn parse(text: &str) -> Workflow {
    Workflow::parse(text).unwrap()
}

/// The permission of the job `a`, its line, and the corrected lines.
fn judge(text: &str) -> (Packages, SetBy, Option<usize>, Option<(Target, String)>) {
    let workflow = parse(text);
    let job = workflow.job("a").unwrap();
    let effective = workflow.effective_permission(job);
    let correction = workflow.correction(job).map(|correction| (correction.target, correction.lines));
    (effective.packages, effective.set_by, effective.line, correction)
}

fn packages(text: &str) -> Packages {
    judge(text).0
}

pub(super) fn line(workflow: &Workflow, path: &[Segment]) -> Option<usize> {
    workflow.place(path).map(|place| place.line)
}

#[test]
fn keys_are_found_on_their_lines() {
    let workflow = parse(CI);
    for (path, expected) in [
        (vec!["on".into()], Some(2)),
        (job_path("build", []), Some(6)),
        (job_path("build", ["permissions".into(), "packages".into()]), Some(11)),
        (job_path("build", ["steps".into(), 1.into()]), Some(15)),
        (job_path("build", ["steps".into(), 1.into(), "run".into()]), Some(16)),
        (job_path("build", ["steps".into(), 1.into(), "key".into()]), None),
        (job_path("test", ["steps".into(), 0.into(), "run".into()]), Some(22)),
    ] {
        assert_eq!(line(&workflow, &path), expected, "{path:?}");
    }
    assert_eq!(workflow.line_with(&job_path("build", ["steps".into(), 1.into(), "run".into()]), "docker push"), 18);
    assert_eq!(workflow.nearest_line(&job_path("build", ["steps".into(), 1.into(), "with".into()])), 15);
}

#[test]
fn a_correction_keeps_what_is_there_comments_included() {
    let workflow = parse(CI);
    let correction = workflow.correction(workflow.job("build").unwrap()).unwrap();
    assert_eq!(correction.target, Target::Replace { first: 9, last: 12 });
    insta::assert_snapshot!(correction.lines, @r"
        permissions:
          contents: read
          packages: write # too little
          id-token: write
    ");
    insta::assert_snapshot!(
        correction.instruction(".github/workflows/ci.yml", "build"),
        @"In .github/workflows/ci.yml, job `build`, replace lines 9 to 12 with:"
    );
}

#[test]
fn a_job_without_permissions_gets_its_own_and_leaves_the_workflows_alone() {
    let workflow = parse(CI);
    let job = workflow.job("test").unwrap();
    assert_eq!(workflow.effective_permission(job).set_by, SetBy::Workflow);
    assert_eq!(workflow.effective_permission(job).line, Some(3));
    let correction = workflow.correction(job).unwrap();
    assert_eq!(
        (correction.target, correction.lines.as_str()),
        (Target::After(19), "    permissions:\n      contents: read\n      packages: write\n")
    );
}

#[test]
fn the_jobs_permissions_replace_the_workflows_and_those_the_setting() {
    for (text, expected) in [
        ("jobs: {a: {}}", Packages::Default),
        ("permissions: write-all\njobs: {a: {}}", Packages::Write),
        ("permissions: read-all\njobs: {a: {}}", Packages::Read),
        ("permissions: {}\njobs: {a: {}}", Packages::None),
        ("permissions: {packages: write}\njobs: {a: {permissions: {contents: read}}}", Packages::None),
        ("permissions: {}\njobs: {a: {permissions: {'packages': \"write\"}}}", Packages::Write),
        ("permissions: write-all\njobs: {a: {permissions: {packages: none}}}", Packages::None),
    ] {
        assert_eq!(packages(text), expected, "{text}");
    }
}

#[test]
fn what_the_file_does_not_tell_is_unsure() {
    for permissions in [
        "${{ inputs.permissions }}",
        "{packages: '${{ inputs.access }}'}",
        "{packages: admin}",
        "all",
        "",
        "[packages]",
        "{packages: [write]}",
    ] {
        let text = format!("jobs:\n  a:\n    permissions: {permissions}\n");
        assert_eq!(packages(&text), Packages::Unsure, "{permissions}");
        assert_eq!(judge(&text).3, None, "{permissions}");
    }
}

#[test]
fn anchors_and_merge_keys_are_followed_and_their_lines_are_not_guessed() {
    let aliased = "x: &p\n  contents: read\njobs:\n  a:\n    permissions: *p\n    runs-on: x\n";
    let lines = "    permissions:\n      contents: read\n      packages: write\n".to_owned();
    assert_eq!(judge(aliased), (Packages::None, SetBy::Job, Some(5), Some((Target::Replace { first: 5, last: 5 }, lines.clone()))));
    let merged = "x: &p\n  permissions: {contents: read}\njobs:\n  a:\n    <<: *p\n    runs-on: x\n";
    assert_eq!(judge(merged), (Packages::None, SetBy::Job, None, Some((Target::InJob, lines))));
    let overridden = "x: &p {packages: read, contents: write}\njobs:\n  a:\n    permissions:\n      <<: [*p]\n      packages: write\n";
    assert_eq!(packages(overridden), Packages::Write);
}

#[test]
fn every_style_of_permissions_is_corrected_with_the_indentation_around_it() {
    let target = |text: &str| judge(text).3.unwrap();
    let replaced = |first, last, lines: &str| (Target::Replace { first, last }, lines.to_owned());
    assert_eq!(target("jobs:\n a:\n  permissions: {}\n"), replaced(3, 3, "  permissions:\n    packages: write\n"));
    assert_eq!(
        target("jobs:\n  a:\n      permissions: read-all # all\n      runs-on: x\n"),
        replaced(3, 3, "      permissions: # all\n        contents: read\n        packages: write\n")
    );
    assert_eq!(
        target("jobs:\n  a:\n    permissions: {\n      contents: read,\n      packages: none }\n    if: x\n"),
        replaced(3, 5, "    permissions:\n      contents: read\n      packages: write\n")
    );
    assert_eq!(target("jobs: {a: {if: x}}").0, Target::InJob);
}

#[test]
fn odd_yaml_is_read_and_its_lines_are_known() {
    let crlf = CI.replace('\n', "\r\n");
    let bom = format!("\u{feff}---\n# a comment\n\n{CI}...\n");
    let quoted = CI.replace("jobs:", "'jobs':").replace("packages:", "\"packages\" :").replace("  build:", "  \"build\": &anchor");
    let spaced = CI.replace("    permissions:", "\n# left\n    permissions: # why\n      # between\n");
    for (text, offset, gap) in [(&crlf, 0, 0), (&bom, 3, 0), (&quoted, 0, 0), (&spaced, 0, 4)] {
        let workflow = parse(text);
        let effective = workflow.effective_permission(workflow.job("build").unwrap());
        assert_eq!((effective.packages, effective.line), (Packages::Read, Some(11 + offset + gap)), "{text}");
    }
}

#[test]
fn every_shape_has_its_lines_and_only_lines_of_blocks_can_be_replaced() {
    let lines = |text: &str| {
        let workflow = parse(text);
        let place = workflow.job("a").unwrap().node.get("permissions").unwrap().place.unwrap();
        (place.line, place.is_block, judge(text).3.unwrap().0)
    };
    let replaced = Target::Replace { first: 3, last: 3 };
    assert_eq!(lines("? jobs\n: a:\n    permissions: {}\n"), (3, true, replaced));
    assert_eq!(lines("jobs:\n  \"a\":\n    permissions: {}\n\"o\\x6e\": push\n"), (3, true, replaced));
    assert_eq!(lines("jobs: {\n  a: {\n    permissions: {}}}\n"), (3, false, Target::InJob));
}

#[test]
fn events_are_read_from_every_form_of_on() {
    for (on, expected) in [
        ("on: push", vec!["push"]),
        ("'on': [push, pull_request]", vec!["push", "pull_request"]),
        ("on: {push: {branches: [main]}, workflow_call: }", vec!["push", "workflow_call"]),
        ("true: [push]", vec!["push"]),
        ("on:", vec![]),
    ] {
        let workflow = parse(&format!("{on}\njobs: {{a: {{}}}}"));
        assert_eq!(workflow.events(), expected, "{on}");
    }
    assert!(parse("on: workflow_call\njobs: {a: {}}").effective_permission(parse("jobs: {a: {}}").job("a").unwrap()).caller_caps);
}

#[test]
fn a_job_is_found_by_its_key_and_a_called_one_by_its_callers() {
    let workflow = parse(CI);
    assert!(matches!(workflow.locate("build"), Located::Here(job) if job.key == "build"));
    assert!(matches!(workflow.locate("Build ubuntu-latest"), Located::Missing));
    let calling = parse("jobs: {a: {uses: ./.github/workflows/b.yml}, c: {uses: o/r/.github/workflows/d.yml@v1}, e: {}}");
    assert!(matches!(calling.locate("a"), Located::Called(jobs) if jobs.len() == 1));
    assert!(matches!(calling.locate("inner"), Located::Called(jobs) if jobs.len() == 2));
    assert!(matches!(calling.locate("e"), Located::Here(_)));
}

#[test]
fn the_steps_of_parallel_are_steps_of_the_job() {
    let text = "jobs:\n  a:\n    steps:\n    - run: one\n    - parallel:\n      - uses: ./two\n      - run: three\n    - run: four\n      background: true\n";
    let workflow = parse(text);
    let steps = workflow.job("a").unwrap().steps();
    let lines: Vec<_> = steps.iter().map(|step| workflow.nearest_line(&step.path([]))).collect();
    assert_eq!(lines, [4, 6, 7, 8]);
    assert_eq!(steps.iter().map(|step| step.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(steps.iter().map(|step| step.is_beside_others()).collect::<Vec<_>>(), [false, true, true, true]);
    let local: Vec<_> = steps.iter().filter_map(|step| Some((step.index, own_path(step.uses()?)?))).collect();
    assert_eq!(local, [(1, "two")]);
}
