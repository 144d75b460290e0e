//! What the most trusted peers test of themselves, asked of this program. `tests/cases/peers.json` has the list.
//!
//! Each case names the peer's: `ggcr` is go-containerregistry, `oras` oras-go, `docker` docker/cli.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod answers;
mod bearer;
mod challenge;
mod config_file;
mod credentials;
mod names;
mod ping;
mod push_check;
mod realm;
mod surroundings;
mod symlinks;
mod table;

use crate::binary;

use ghcr_auth_testbed::{
    front_door::{FrontDoor, Request, Rules},
    job::{Job, Run, Step},
};

/// A credential as long and as random as a real one.
const PAT: &str = "ghp_CfCanaryPatR5Wd8Nq2Yx7Lm4Tb9Hs6Jk3Gz";

/// What an honest registry is asked about one image; the cancellation of the session comes on top.
const HONEST: [&str; 3] = ["GET /v2/", "GET /token Basic", "POST /v2/acme/app/blobs/uploads/ Bearer"];

/// A job, a registry, and GitHub's API behind a door of its own, so that the registry's requests can be counted.
struct Bench {
    job: Job,
    door: FrontDoor,
    api: FrontDoor,
}

impl Bench {
    fn with(rules: Rules) -> Self {
        Self { job: Job::new(), door: FrontDoor::start(rules), api: FrontDoor::spare() }
    }

    /// A registry where the PAT may push.
    fn open() -> Self {
        Self::with(Rules::default().allow(PAT))
    }

    /// A main stage with the PAT only.
    fn step(&self) -> Step<'_> {
        self.job.step(binary()).registry(&self.door).env("GITHUB_API_URL", &self.api.url()).input("GHCR_PAT", PAT)
    }

    /// Runs, and asserts a yes with a login.
    #[track_caller]
    fn allows(&self) -> Run {
        let run = self.step().run();
        assert_eq!(["push", "reason", "logged-in"].map(|name| run.output(name)), ["true", "allowed", "true"], "{}", run.log());
        run
    }

    /// Runs, and asserts a no for this reason, without a login.
    #[track_caller]
    fn refuses(&self, reason: &str) -> Run {
        let run = self.step().run();
        assert_eq!(["push", "reason", "logged-in"].map(|name| run.output(name)), ["false", reason, "false"], "{}", run.log());
        assert!(self.job.docker_config().is_none() && run.env.is_empty(), "a login was written");
        assert_eq!(run.code, 0);
        run
    }

    /// What the registry was asked, in order: method, path and kind of authorization.
    fn asked(&self) -> Vec<String> {
        self.door.requests().iter().filter(|request| request.method != "DELETE").map(line).collect()
    }
}

fn line(request: &Request) -> String {
    let scheme = request.headers.get("authorization").and_then(|value| value.split(' ').next());
    format!("{} {} {}", request.method, request.path, scheme.unwrap_or_default()).trim_end().to_owned()
}

/// The verdict and the status that the report has for the only attempt.
fn attempt(run: &Run) -> (String, Option<u64>) {
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    let attempt = &report["attempts"][0];
    (attempt["verdict"].as_str().unwrap().to_owned(), attempt["status"].as_u64())
}

/// Asks a door something and waits for its answer: what was sent to it before has arrived by then.
fn let_settle(door: &FrontDoor) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(door.host()).unwrap();
    stream.write_all(b"GET /settled HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
}
