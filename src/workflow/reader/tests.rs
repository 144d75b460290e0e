use proptest::prelude::*;

use crate::workflow::{
    Problem, Workflow, job_path,
    node::Node,
    tests::{line, parse},
};

fn problem(text: &str) -> Problem {
    Workflow::parse(text).unwrap_err().problem
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

#[test]
fn a_closing_bracket_may_stand_as_far_left_as_its_key() {
    let text = "on:\n  push:\n    paths: [\n      '/public/**',\n    ]\n    branches: [dev]\njobs:\n  a:\n    steps: [\n      {run: 'x'}\n    ]\n    permissions: {}\n";
    let workflow = parse(text);
    assert_eq!(workflow.trigger("push").unwrap().filter("paths"), ["/public/**"]);
    assert_eq!(workflow.job("a").unwrap().node.get("permissions").unwrap().place.map(|place| place.line), Some(12));
    assert_eq!(Workflow::parse("jobs:\n  a: [ # why\n  'x' # c\n  ]\n").unwrap_err().problem, Problem::Syntax);
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
