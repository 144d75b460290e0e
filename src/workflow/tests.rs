use proptest::prelude::*;

use super::{
    Located, Problem, Workflow,
    correction::Target,
    job_path,
    node::{Node, Segment},
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

fn parse(text: &str) -> Workflow {
    Workflow::parse(text).unwrap()
}

fn problem(text: &str) -> Problem {
    Workflow::parse(text).unwrap_err().problem
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

fn line(workflow: &Workflow, path: &[Segment]) -> Option<usize> {
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
fn values_over_several_lines_hide_no_keys() {
    let text = "on:\n  push:\n    branches: [\n      main,\n    ]\nname: 'a\n  permissions: b'\njobs:\n  a:\n    if: >-\n      a &&\n\n      packages: b\n    name: plain\n      - more\n      text\n    steps:\n    -   run: \"x\n          y: z\"\n        id: last\n    - &step\n      run: |2-\n          a: b\n    - {run: x}\n    -\n      run: y\n";
    let workflow = parse(text);
    let of = |index: usize, key: &str| line(&workflow, &job_path("a", ["steps".into(), index.into(), key.into()]));
    assert_eq!(line(&workflow, &job_path("a", ["if".into()])), Some(10));
    assert_eq!(line(&workflow, &job_path("a", ["steps".into()])), Some(17));
    assert_eq!([of(0, "run"), of(0, "id"), of(1, "run"), of(2, "run"), of(3, "run")], [Some(18), Some(20), Some(22), Some(24), Some(26)]);
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
fn the_bytes_of_a_value_are_those_of_the_file() {
    let text = "name: é\njobs:\n  a:\n    env: &e {A: 'b' , C: }\n    steps:\n    - # why\n      run: |\n        é\n\n    -   uses: x@v1 # c\n        with:\n    - *e\n";
    let workflow = parse(text);
    let job = workflow.job("a").unwrap().node;
    let written = |node: &Node| node.place.map(|place| &text[place.value..place.end]);
    let steps = job.get("steps").unwrap();
    assert_eq!(written(workflow.root().get("name").unwrap()), Some("é"));
    assert_eq!(written(job.get("env").unwrap()), Some("&e {A: 'b' , C: }"));
    assert_eq!(written(job.at(&["env".into(), "A".into()]).unwrap()), Some("'b'"));
    assert_eq!(written(job.at(&["env".into(), "C".into()]).unwrap()), Some(""));
    assert_eq!(written(steps.items()[0].get("run").unwrap()), Some("|\n        é"));
    assert_eq!(written(steps.items()[1].get("uses").unwrap()), Some("x@v1"));
    assert_eq!(written(steps.items()[1].get("with").unwrap()), Some(""));
    assert_eq!(written(&steps.items()[2]), Some("*e"));
    assert!(steps.items()[2].get("A").unwrap().place.is_none());
    let dashes: Vec<_> = steps
        .items()
        .iter()
        .filter_map(|step| step.place)
        .map(|place| (place.line, place.last, &text[place.start..=place.start]))
        .collect();
    assert_eq!(dashes, [(6, 8, "-"), (10, 11, "-"), (12, 12, "-")]);
    assert_eq!(steps.place.map(|place| (place.line, place.last, place.end)), Some((5, 12, text.len() - 1)));
}

#[test]
fn plain_scalars_are_read_by_yaml_1_2() {
    let text = "jobs: {}\nx: [True, no, on, 'true', 0x1F, 1.10, +5, 12e1, ~, null, '', 1.2.3, 2026-11-26, -]\n";
    let workflow = Workflow::parse(&text.replace(", -]", "]")).unwrap();
    let texts: Vec<_> = workflow.root().get("x").unwrap().items().iter().map(|node| node.text().unwrap_or("(null)")).collect();
    assert_eq!(texts, ["true", "no", "on", "true", "0x1F", "1.1", "5", "120", "(null)", "(null)", "", "1.2.3", "2026-11-26"]);
}

#[test]
fn a_merge_takes_over_what_is_not_there_and_the_first_wins() {
    let workflow = parse("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\njobs: {j: {<<: [*x, *y], a: own}, k: {<<: no}}\n");
    let entries: Vec<_> = workflow.job("j").unwrap().node.entries().map(|(key, node)| (key, node.text().unwrap())).collect();
    assert_eq!(entries, [("a", "own"), ("b", "2"), ("c", "4")]);
    assert_eq!(workflow.job("k").unwrap().node.entries().count(), 0);
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
fn what_github_would_refuse_is_refused_with_its_reason() {
    for (text, expected) in [
        ("", Problem::Empty),
        ("\u{feff}# jobs:\n\n", Problem::Empty),
        ("jobs: [a]", Problem::NoJobs),
        ("a:\n\tb: c", Problem::Syntax),
        ("jobs: {a: *unknown}", Problem::Syntax),
        ("jobs: {? [a] : b}", Problem::Syntax),
        ("jobs: {a: {b: 1, b: 2}}", Problem::KeyTwice),
        ("jobs: {a: }\n---\njobs: {b: }", Problem::SeveralDocuments),
        (&format!("jobs: {}", "[".repeat(60) + &"]".repeat(60)), Problem::TooDeep),
        (&"#".repeat(1024 * 1024 + 1), Problem::TooLarge),
    ] {
        assert_eq!(problem(text), expected, "{text:.60}");
    }
    assert_eq!(Workflow::parse("jobs:\n  a: 1\n  a: 2\n").unwrap_err().line, Some(2), "the mapping's");
}

#[test]
fn a_bomb_is_refused() {
    let laughs = |size: usize| -> String {
        let levels = (1..4 + size).map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(",")));
        format!("a0: &a0 x\n{}jobs: {{}}", levels.collect::<String>())
    };
    let copies = |size: usize| format!("a: &a {}\nb: [{}]\njobs: {{}}", "x".repeat(12_500 * size), "*a,".repeat(12_500 * size));
    let nested = |size: usize| "[\"]\",".repeat(6_000 * size);
    let open = |bracket: &'static str| move |size: usize| bracket.repeat(128 * 1024 * size / bracket.len());
    let bombs: [&dyn Fn(usize) -> String; 6] = [&laughs, &copies, &nested, &open("["), &open("{a: "), &open("- ")];
    for bomb in bombs {
        let text = bomb(8);
        assert!(Workflow::parse(&text).is_err(), "{text:.60}");
    }
    assert!(Workflow::parse("&a [*a]").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC*") {
        let _ = Workflow::parse(&text);
    }

    #[test]
    fn no_yaml_like_text_makes_it_panic_and_every_line_known_holds_its_key(
        pieces in proptest::collection::vec(prop::sample::select(vec![
            "jobs:", "a:", "b", "'q'", "\"", "'", ": ", "- ", "\n", "\n  ", "\n    ", "\n      ", "|", ">-", "[", "]", "{", "}", ",",
            "&x ", "*x", "<<: ", "# c", "? ", "!t ", "---", "\t", "permissions:", " packages: read", "${{ x }}", "\r\n", "\u{feff}",
        ]), 0..60)
    ) {
        let text = format!("jobs:\n  a:\n    permissions:\n      contents: read\n{}", pieces.concat());
        if let Ok(workflow) = Workflow::parse(&text) {
            for job in workflow.jobs() {
                let _ = (workflow.effective_permission(job), workflow.correction(job));
                for (key, node) in job.node.entries().filter(|(key, _)| !key.contains(['\'', '"'])) {
                    if let Some(place) = node.place {
                        prop_assert!(text.lines().nth(place.line - 1).unwrap().contains(key));
                    }
                }
            }
        }
    }
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

#[test]
fn a_closing_bracket_may_stand_as_far_left_as_its_key() {
    let text = "on:\n  push:\n    paths: [\n      '/public/**',\n    ]\n    branches: [dev]\njobs:\n  a:\n    steps: [\n      {run: 'x'}\n    ]\n    permissions: {}\n";
    let workflow = parse(text);
    assert_eq!(workflow.trigger("push").unwrap().filter("paths"), ["/public/**"]);
    assert_eq!(workflow.job("a").unwrap().node.get("permissions").unwrap().place.map(|place| place.line), Some(12));
    assert_eq!(Workflow::parse("jobs:\n  a: [ # why\n  'x' # c\n  ]\n").unwrap_err().problem, Problem::Syntax);
}
