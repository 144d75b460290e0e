//! A row of the table, and what must hold of a run whatever the fault.

use serde::Deserialize;

use ghcr_auth_testbed::job::Run;

use crate::faults::{
    JOB_TOKEN, PAT,
    world::{World, bearer},
};

/// A row's id and how its fault is made.
pub(crate) type Check = (&'static str, fn(&Row));

/// What comes of a fault.
#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) fault: String,
    push: String,
    /// None where no outputs are written.
    reason: Option<String>,
    exit: Exit,
    /// Why the row differs from the collection that it was taken from.
    #[serde(default)]
    changed: Option<String>,
}

/// The exit codes with `required: false` and `required: true`.
#[derive(Deserialize)]
struct Exit {
    default: i32,
    required: i32,
}

/// The table.
pub(crate) fn all() -> Vec<Row> {
    serde_json::from_str(include_str!("../cases/faults.json")).unwrap()
}

/// Runs one row by itself.
pub(crate) fn run_one(id: &str, checks: &[Check]) {
    let row = all().into_iter().find(|row| row.id == id).unwrap();
    checks.iter().find(|(name, _)| *name == id).unwrap().1(&row);
}

/// Runs the rows of a category but for some, all at once: most of them wait.
pub(crate) fn run(category: &str, categories: &[(&str, &[Check])], particular: &[&str]) {
    let checks = categories.iter().find(|(name, _)| *name == category).unwrap().1;
    let checks = checks.iter().filter(|(id, _)| !particular.contains(id));
    let rows = all();
    let row = |id: &str| rows.iter().find(|row| row.id == id).unwrap();
    let failed: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = checks.map(|(id, check)| (row(id), scope.spawn(|| check(row(id))))).collect();
        running.into_iter().filter_map(|(row, thread)| thread.join().is_err().then(|| format!("{} {}", row.id, row.fault))).collect()
    });
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Does something with each item, all at once.
pub(crate) fn at_once<T: Send, const N: usize>(items: [T; N], work: impl Fn(T) + Sync) {
    let work = &work;
    std::thread::scope(|scope| items.into_iter().for_each(|item| drop(scope.spawn(move || work(item)))));
}

impl Row {
    /// Makes the fault, runs the program with and without `required`, and checks what comes of it.
    pub(crate) fn check(&self, prepare: impl Fn(&mut World) + Sync) {
        self.check_then(prepare, |_, _| {});
    }

    /// As [`Self::check`], and looks at what was left.
    pub(crate) fn check_then(&self, prepare: impl Fn(&mut World) + Sync, look: impl Fn(&World, &Run) + Sync) {
        at_once([false, true], |required| {
            let mut world = World::new();
            prepare(&mut world);
            let run = world.step().input("required", if required { "true" } else { "false" }).run();
            self.assert(&world, &run, required);
            look(&world, &run);
        });
    }

    /// Checks that what came of a run is what the row says, and what must hold of every run.
    pub(crate) fn assert(&self, world: &World, run: &Run, required: bool) {
        let what = format!("{} {} (required: {required}, changed: {:?})\n{}", self.id, self.fault, self.changed, run.log());
        assert_eq!(run.code, if required { self.exit.required } else { self.exit.default }, "{what}");
        match &self.reason {
            Some(reason) => assert_eq!((run.output("push"), run.output("reason")), (self.push.as_str(), reason.as_str()), "{what}"),
            None => assert_ne!(run.output("push"), "true", "{what}"),
        }
        assert_login(world, run, &what);
        assert_secrets(world, run, &what);
        world.assert_requests(run, &what);
    }
}

fn assert_login(world: &World, run: &Run, what: &str) {
    assert!(run.output("push") == "true" || run.output("logged-in") != "true", "{what}");
    let entry = || world.job.docker_config().and_then(|config| config["auths"].get(world.registry()).cloned());
    if !world.seeded {
        assert_eq!(run.output("logged-in") == "true", entry().is_some(), "{what}");
    }
    assert!(run.errors.is_empty(), "{:?} {what}", run.errors);
}

/// A secret goes to the registry's token endpoint and upload sessions and to GitHub's API, and nowhere else.
fn assert_secrets(world: &World, run: &Run, what: &str) {
    assert_eq!(world.sink.connections(), 0, "a stranger was asked: {what}");
    for request in world.door.requests().iter().filter(|request| request.credential.is_some()) {
        let expected = request.path == "/token" || request.path.starts_with("/v2/acme/");
        assert!(expected, "a secret went to {}: {what}", request.path);
        assert!(!request.query.contains("Canary") && !request.path.contains("Canary"), "{what}");
    }
    let shown = run.everything_shown();
    for secret in [PAT, JOB_TOKEN, "FaultCanary", "::set-output", "##[", &bearer(PAT)] {
        assert!(!shown.contains(secret), "{secret} was shown: {what}");
    }
}
