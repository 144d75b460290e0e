//! Networks, proxies, disks and command files that fail.

use std::{fs, os::unix::fs::symlink};

use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor, Rules},
    job::Step,
    tls_proxy::TlsProxy,
};

use super::{
    play,
    scene::Scene,
    secrets::{CREDENTIALS, JOB_TOKEN, PAT, PROXY_PASSWORD, forms},
    trace,
};

#[test]
fn a_network_that_fails() {
    let rows = [
        ("GET /v2/", Answer::cut(), "registry-unreachable"),
        ("GET /token", Answer::cut(), "registry-unreachable"),
        ("POST uploads", Answer::cut(), "registry-unreachable"),
        ("GET /token", Answer::status(503), "registry-unavailable"),
        ("POST uploads", Answer::raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "registry-protocol"),
        ("GET /token", Answer::status(200).body(&vec![b'x'; 70_000]), "registry-protocol"),
        ("POST uploads", Answer::raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{"), "registry-unreachable"),
        ("GET /token", Answer::silence(), "registry-timeout"),
    ];
    play(&rows, |(key, answer, reason), mood| {
        let scene = Scene::open(mood).answering(&[(key, answer.clone())]);
        let run = scene.run(scene.step().input("timeout", "5"));
        assert_eq!((run.output("push"), run.output("reason")), ("false", *reason));
    });
}

#[test]
fn a_host_where_nobody_listens() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    play(&[closed], |closed, mood| {
        let scene = Scene::open(mood);
        let run = scene.step().input("registry", closed).run();
        assert_eq!(run.output("reason"), "registry-unreachable");
        let found = trace::in_streams(&run.stdout, &run.stderr);
        assert!(found.is_empty(), "{found:?}");
    });
}

#[test]
fn a_proxy_that_refuses_and_says_its_password() {
    let basic = super::secrets::basic("robot", PROXY_PASSWORD);
    let mut rows: Vec<_> =
        [403, 407, 502, 302].map(|status| (format!("http://robot:{PROXY_PASSWORD}@HOST"), Answer::status(status))).into();
    for form in forms(PROXY_PASSWORD).into_iter().chain([basic]) {
        let answer = Answer::raw(format!("HTTP/1.1 407 {form}\r\nProxy-Authenticate: Basic realm=\"{form}\"\r\n\r\n{form}").as_bytes());
        rows.push((format!("http://robot:{PROXY_PASSWORD}@HOST"), answer));
    }
    for url in
        ["http://robot:PASSWORD@", "http://robot:PASSWORD@[bad", "socks5://robot:PASSWORD@HOST", "PASSWORD", "http://PASSWORD@HOST:99999"]
    {
        rows.push((url.replace("PASSWORD", PROXY_PASSWORD), Answer::status(502)));
    }
    play(&rows, |(url, answer), mood| {
        let (scene, proxy) = (Scene::open(mood), FrontDoor::spare());
        proxy.always("CONNECT registry.invalid:443", answer.clone());
        let url = url.replace("HOST", proxy.host());
        let run = scene.run(scene.step().input("registry", "registry.invalid").env("HTTPS_PROXY", &url).input("timeout", "5"));
        assert_eq!(run.output("push"), "false");
        assert!(proxy.credentials().is_empty(), "a credential went to the proxy");
        for mut request in proxy.requests() {
            request.headers.remove("proxy-authorization");
            assert_eq!(trace::in_requests(&[request]), Vec::<String>::new());
        }
    });
}

#[test]
fn tls_that_cannot_be_trusted() {
    play(&[true, false], |trusted, mood| {
        let scene = Scene::open(mood);
        let proxy = TlsProxy::as_github(&scene.door);
        fs::write(scene.job.workspace().join("root.pem"), proxy.ca_pem()).unwrap();
        let url = proxy.url().replace("http://", &format!("http://robot:{PROXY_PASSWORD}@"));
        let step = scene.step().input("registry", "").env("GITHUB_API_URL", "https://api.github.com").env("HTTPS_PROXY", &url);
        let run = scene.run(step.input("ca-file", if *trusted { "root.pem" } else { "" }));
        assert_eq!(run.output("push"), trusted.to_string(), "{}", run.log());
        assert!(*trusted || scene.door.connections() == 0);
    });
}

#[test]
fn a_login_that_fails() {
    type Change = for<'a> fn(&'a Scene) -> Step<'a>;
    let rows: [Change; 7] = [
        |scene| scene.step().env("GITHUB_ENV", "/dev/full"),
        |scene| scene.step().env("GITHUB_STATE", "/dev/full"),
        |scene| scene.step().env("GITHUB_ENV", "/no/such/directory/file"),
        |scene| scene.step().remove_env("HOME"),
        |scene| {
            scene.write_config("broken");
            scene.step()
        },
        |scene| {
            fs::rename(scene.config(), scene.job.temp().join("config.json")).unwrap();
            symlink(scene.job.temp().join("config.json"), scene.config()).unwrap();
            scene.step()
        },
        |scene| {
            fs::remove_file(scene.config()).unwrap();
            fs::create_dir(scene.config()).unwrap();
            scene.step()
        },
    ];
    play(&rows, |change, mood| {
        let scene = Scene::open(mood);
        let run = scene.run(change(&scene));
        assert_eq!((run.output("push"), run.output("reason")), ("false", "login-failed"), "{}", run.log());
    });
}

#[test]
fn command_files_that_cannot_be_written() {
    let names = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];
    let rows: Vec<_> = names
        .into_iter()
        .flat_map(|name| ["/dev/full", "/no/such/directory/file", "/proc/self/mem", ""].map(|path| (name, path)))
        .collect();
    play(&rows, |(name, path), mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.step().env(name, path));
        assert_eq!(run.code, i32::from(*name == "GITHUB_OUTPUT"), "{path}");
    });
}

#[test]
fn every_command_file_on_a_full_disk() {
    play(&[Rules::default().allow(PAT), Rules::default().allow(JOB_TOKEN), Rules::default()], |rules, mood| {
        let scene = Scene::new(mood, rules.clone());
        let files = ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"];
        let run = scene.run(files.iter().fold(scene.step(), |step, name| step.env(name, "/dev/full")));
        assert_eq!(run.code, 1);
        Scene::assert_masked(&run, &CREDENTIALS.map(|(_, token)| token.to_owned()));
    });
}
