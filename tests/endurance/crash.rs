//! Parallel jobs that share one home log in and out, and many of them are killed on the way.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use ghcr_auth_testbed::job::{Job, PATIENCE, RUNNER_USER, Run, Step};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::endurance::{binary, figure, rounds};

const TOKEN: &str = "ghp_EnduranceCanaryQ7Zt3Lw9Rb2Vn5Km8Dj1";

/// How many jobs run at once. Every other one finds a login of its registry.
const JOBS: usize = 6;

/// A home that jobs share, as on a runner whose service keeps one.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.docker()).unwrap();
        fs::write(home.config(), before().to_string()).unwrap();
        fs::set_permissions(home.config(), fs::Permissions::from_mode(0o600)).unwrap();
        if Job::can_be_of_runner_user() {
            for path in [home.0.path(), &home.docker(), &home.config()] {
                chown(path, Some(RUNNER_USER), Some(RUNNER_USER)).unwrap();
            }
        }
        home
    }

    fn docker(&self) -> PathBuf {
        self.0.path().join(".docker")
    }

    fn config(&self) -> PathBuf {
        self.docker().join("config.json")
    }

    fn entry(&self, registry: &str) -> Option<Value> {
        let config: Value = serde_json::from_slice(&fs::read(self.config()).unwrap()).unwrap();
        config["auths"].get(registry).cloned()
    }

    /// What must hold at every moment: a whole file with everything of others in it, private, and its owner's.
    fn look(&self) {
        let content = fs::read(self.config()).unwrap();
        let config: Value = serde_json::from_slice(&content).unwrap();
        assert_eq!((&config["auths"]["quay.io"]["auth"], &config["currentContext"]), (&json!("cQ=="), &json!("ci")));
        assert!((0..JOBS).all(|job| previous(job).is_none() || config["auths"].get(registry(job)).is_some()), "a lost login");
        for file in fs::read_dir(self.docker()).unwrap() {
            let Ok(file) = file.unwrap().metadata() else { continue };
            assert_eq!(file.permissions().mode() & 0o7777, 0o600);
            // One that was made this moment may not have been given away yet.
            assert!(file.uid() == self.owner() || file.len() == 0, "root's file with something in it");
        }
    }

    fn owner(&self) -> u32 {
        fs::metadata(self.0.path()).unwrap().uid()
    }
}

fn before() -> Value {
    let mut auths = json!({ "quay.io": { "auth": "cQ==" } });
    for job in 0..JOBS {
        if let Some(entry) = previous(job) {
            auths[registry(job)] = entry;
        }
    }
    json!({ "auths": auths, "currentContext": "ci" })
}

fn registry(job: usize) -> String {
    format!("registry{job}.test")
}

fn previous(job: usize) -> Option<Value> {
    job.is_multiple_of(2).then(|| json!({ "auth": "b2xk", "email": format!("{job}@example.com") }))
}

/// Numbers that look random and are the same in each run (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Runs a stage; two of three times it is killed at a moment of the dice's choice, if it has not ended by then.
fn run(step: Step<'_>, dice: &mut Dice, killed: &AtomicUsize) -> Run {
    let running = step.spawn();
    if dice.roll(3) > 0 {
        let end = Instant::now() + Duration::from_micros(dice.roll(12_000));
        while Instant::now() < end {
            std::thread::yield_now();
        }
        running.kill();
    }
    let run = running.wait(PATIENCE);
    killed.fetch_add(usize::from(run.code == 137), Ordering::Relaxed);
    // A lock that outlived its owner would make others wait in vain.
    assert!(matches!(run.code, 0 | 137) && run.output("reason") != "login-failed", "{}\n{}", run.code, run.log());
    run
}

/// Which of the actions the jobs use, by the variable that tells the program.
#[derive(Clone, Copy)]
enum Action {
    Container,
    Host,
}

impl Action {
    /// A stage in the shared home.
    fn step<'a>(self, job: &'a Job, home: &str) -> Step<'a> {
        let step = job.step(binary()).env("HOME", home);
        if matches!(self, Self::Host) { step.env("GHCR_AUTH_HOST", "true") } else { step }
    }
}

/// One job's rounds: log in, look, log out, look.
fn work(action: Action, number: usize, home: &Home, killed: &AtomicUsize) {
    let (job, mut dice) = (Job::new(), Dice(0x9E37_79B9 + number as u64));
    let home_path = home.0.path().to_str().unwrap().to_owned();
    for _ in 0..rounds(40) {
        let main = action.step(&job, &home_path).input("registry", &registry(number));
        let main = run(main.input("GHCR_PAT", TOKEN).input("verify", "false"), &mut dice, killed);
        let found = home.entry(&registry(number));
        assert!(main.code != 0 || main.output("logged-in") == "true", "{}", main.log());
        assert!(main.output("push") != "true" || found != previous(number), "a yes without a login");
        loop {
            let post = run(action.step(&job, &home_path).post(), &mut dice, killed);
            if post.code == 0 {
                break;
            }
        }
        assert_eq!(home.entry(&registry(number)), previous(number), "what was there before is not there again");
        job.forget_state();
    }
}

#[test]
fn whoever_is_killed_whenever_nothing_of_others_is_lost() {
    survive(Action::Container);
}

#[test]
fn in_the_jobs_own_home_it_is_the_same() {
    survive(Action::Host);
}

fn survive(action: Action) {
    let (home, killed, done, looks) = (Home::new(), AtomicUsize::new(0), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let observer = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                home.look();
                looks.fetch_add(1, Ordering::Relaxed);
            }
        });
        let jobs: Vec<_> = (0..JOBS)
            .map(|number| {
                scope.spawn({
                    let (home, killed) = (&home, &killed);
                    move || work(action, number, home, killed)
                })
            })
            .collect();
        let ended: Vec<_> = jobs.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        observer.join().unwrap();
        assert!(ended.iter().all(Result::is_ok));
    });
    assert_eq!(serde_json::from_slice::<Value>(&fs::read(home.config()).unwrap()).unwrap(), before());
    assert_eq!(names(&home.docker()), ["config.json"]);
    let killed = killed.load(Ordering::Relaxed);
    assert!(killed > rounds(JOBS), "only {killed} were killed");
    figure(&format!(
        "crash: {} jobs, {} rounds, {killed} kills survived, {} looks at the file",
        JOBS,
        rounds(JOBS * 40),
        looks.load(Ordering::Relaxed)
    ));
}

fn names(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
