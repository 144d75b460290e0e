//! Inputs as they are pasted.

use ghcr_auth_testbed::front_door::FrontDoor;
use ghcr_auth_testbed::job::PATIENCE;

use crate::faults::{
    JOB_TOKEN, PAT,
    row::{Check, Row},
    world::World,
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-209", |row| {
        for blank in [" \n", "\n", "\t", " \r\n"] {
            row.check_then(
                |world| world.input("GHCR_PAT", blank),
                |_, run| assert!(run.stdout.contains("GHCR_PAT contains only whitespace"), "{}", run.log()),
            );
        }
    }),
    ("FI-210", |row| {
        for (before, after) in [("", "\n"), ("", "\r\n"), (" ", " "), ("\t", "")] {
            row.check_then(
                |world| world.input("GHCR_PAT", &format!("{before}{PAT}{after}")),
                |_, run| assert!(run.stdout.contains("::warning") && run.stdout.contains(&format!("::add-mask::{PAT}\n")), "{}", run.log()),
            );
        }
    }),
    ("FI-213", |row| malformed(row, &["\"PAT\"", "'PAT'", "`PAT`"])),
    ("FI-215", |row| {
        let marks = ["\u{200b}", "\u{feff}", "\u{a0}", "\u{ad}", "\u{200f}", "\u{ff21}", "\u{7f}", "\u{1}"];
        for mark in marks {
            malformed(row, &[&format!("PAT{mark}"), &format!("{mark}PAT"), &format!("ghp_{mark}PAT")]);
        }
    }),
    ("FI-216", |row| {
        row.check_then(
            |world| world.script("exec env \"INPUT_GHCR_PAT=$(printf 'ghp_FaultCanary\\377')\" \"$PROGRAM\""),
            |world, run| assert!(world.door.requests().is_empty() && run.log().contains("GHCR_PAT"), "{}", run.log()),
        );
    }),
    ("FI-218", |row| malformed(row, &[r#"{"token":"PAT"}"#, r#"["PAT"]"#])),
    ("FI-219", |row| malformed(row, &[&"a".repeat(100_000), &"a".repeat(48 * 1024 + 1)])),
    ("FI-221", |row| {
        row.check(|world| {
            let token = "ghx_FaultCanaryOfTheFutureQ7Zt3Lw9";
            world.door = FrontDoor::start(ghcr_auth_testbed::front_door::Rules::default().allow(token));
            world.input("GHCR_PAT", token);
        });
    }),
    ("FI-222", |row| {
        row.check(|world| {
            world.input("GHCR_PAT", "github_pat_11FaultCanaryQ7Zt3Lw9_Rb2Vn5Km8Dj1Xc4Yf");
            // The refusal names no cause, so it is asked for once more.
            world.expect("GET /token", 2);
        });
    }),
    ("FI-224", |row| {
        row.check(|world| {
            world.door = FrontDoor::spare();
            for input in ["GHCR_PAT", "GHCR_TOKEN", "GITHUB_TOKEN", "LOCAL_RUNNER_FALLBACK_TOKEN"] {
                world.input(input, PAT);
            }
            world.env("RUNNER_ENVIRONMENT", "self-hosted");
            // The refusal names no cause, so it is asked for once more.
            world.expect("GET /token", 2);
        });
    }),
    ("FI-225", |row| {
        for name in ["a:b", "a\nb", "a\rb", "\u{e9}", "a\u{7f}", &"a".repeat(300)] {
            invalid(row, "GHCR_USERNAME", name);
        }
        let mut world = World::new();
        world.input("GHCR_USERNAME", "");
        assert_eq!(world.step().env("GITHUB_ACTOR", "").run().output("username"), "acme", "an empty one is the owner");
    }),
    ("FI-227", |row| {
        let long = format!("acme/{}", "a".repeat(300));
        for image in [
            "acme/app:v1",
            "acme/app@sha256:00",
            "acme/app/",
            "acme/../app",
            "acme//app",
            "acme/a\rb",
            "acm\u{e9}/app",
            &long,
            "https://ghcr.io/acme/app",
            "ghcr.io",
            "ghcr.io/acme/app",
            "acme/app\nacme/:",
        ] {
            invalid(row, "images", image);
        }
        let mut world = World::new();
        world.input("images", "ACME/App");
        let run = world.step().run();
        assert_eq!(run.output("images"), format!("{}/acme/app", world.door.host()), "upper case is lowered");
        assert!(run.log().contains("changed to lowercase"), "{}", run.log());
    }),
    ("FI-229", |row| {
        for value in ["yes", "1", "tru", "tRUE", "on", "true,false"] {
            for input in ["verify", "logout"] {
                invalid(row, input, value);
            }
        }
        for value in ["True", "TRUE", "true"] {
            let mut world = World::new();
            world.input("verify", value);
            assert_eq!(world.step().run().output("reason"), "allowed", "{value}");
        }
    }),
    ("FI-232", |row| {
        row.check_then(
            |world| {
                world.env("GITHUB_REPOSITORY", "acme/app\r\nX-Evil: y");
                world.input("images", "acme/app\r\nX-Evil: y");
            },
            |world, _| assert!(world.door.requests().is_empty()),
        );
    }),
    ("FI-233", |row| {
        // That the program in the image is static, so that no library is loaded into it, a test of the image shows.
        row.check(|world| {
            world.env("LD_PRELOAD", "/no/such/library.so");
            world.env("LD_LIBRARY_PATH", "/no/such/directory");
        });
    }),
    ("FI-234", |row| {
        for arguments in [&["--token", PAT][..], &[PAT], &["--GHCR_PAT=x", JOB_TOKEN]] {
            for required in ["false", "true"] {
                let world = World::new();
                let run = world.step().args(arguments).input("required", required).run();
                row.assert(&world, &run, required == "true");
                assert!(world.door.requests().is_empty());
            }
        }
    }),
    ("FI-236", |row| {
        row.check_then(
            |world| world.env("GHCR_AUTH_TEST_PANIC", PAT),
            |_, run| assert!(run.stdout.contains("ghcr-auth itself failed; this is a bug."), "{}", run.log()),
        );
    }),
    ("FI-237", |row| {
        let mut world = World::new();
        world.door.always("POST uploads", ghcr_auth_testbed::front_door::Answer::silence());
        world.script("ulimit -c unlimited 2>/dev/null; exec \"$PROGRAM\"");
        let running = world.step().spawn();
        assert!(world.door.wait_for("POST uploads", PATIENCE));
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.pid())).unwrap();
        let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(cores.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{cores}");
        let killed = std::process::Command::new("kill").args(["-ABRT", &running.pid().to_string()]).status().unwrap();
        assert!(killed.success());
        let run = running.wait(PATIENCE);
        row.assert(&world, &run, false);
        assert!(world.job.files().iter().all(|file| !file.file_name().unwrap().to_string_lossy().starts_with("core")));
    }),
];

/// Each value is skipped, never sent and never shown. `PAT` in it stands for a credential.
fn malformed(row: &Row, values: &[&str]) {
    for value in values {
        row.check_then(|world| world.input("GHCR_PAT", &value.replace("PAT", PAT)), |world, _| assert!(world.door.requests().is_empty()));
    }
}

fn invalid(row: &Row, input: &str, value: &str) {
    row.check_then(
        |world| world.input(input, value),
        |world, run| {
            assert!(run.output("message").contains(&format!("`{input}`")), "{}", run.output("message"));
            assert!(world.door.requests().is_empty());
        },
    );
}
