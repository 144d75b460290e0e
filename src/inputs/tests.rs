use super::*;

fn parse(inputs: &[(&str, &str)]) -> Result<Inputs, InvalidInput> {
    let given = inputs.iter().map(|(name, value)| (format!("INPUT_{}", name.to_ascii_uppercase()), (*value).to_owned()));
    let runner = [("GITHUB_REPOSITORY", "Acme/App"), ("GITHUB_ACTOR", "alice"), ("RUNNER_WORKSPACE", "/home/runner/work/app")];
    Inputs::parse(&given.chain(runner.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect())
}

fn refused(input: &str, value: &str) -> String {
    parse(&[(input, value)]).expect_err(value).to_string()
}

#[test]
fn what_is_not_given_or_empty_has_its_default() {
    let empty: Vec<_> = Input::ALL.iter().map(|input| (input.name(), "")).collect();
    for given in [&[][..], &empty] {
        let inputs = parse(given).unwrap();
        assert_eq!(inputs.registry.name(), "ghcr.io");
        assert_eq!(inputs.images.names[0].reference(&inputs.registry), "ghcr.io/acme/app");
        assert!(inputs.images.lowered);
        assert_eq!((inputs.access, inputs.login), (Access::Push, LoginMode::DockerConfig));
        assert_eq!((inputs.verify, inputs.required, inputs.logout), (true, false, true));
        assert_eq!((inputs.expiry_warning_days, inputs.timeout), (14, Duration::from_secs(45)));
        assert_eq!(inputs.username, "alice");
        assert!(inputs.allow.is_empty() && inputs.extra_roots.bundles.is_empty() && inputs.secret_source.is_none());
        assert_eq!(inputs.runner_temp.unwrap(), PathBuf::from("/home/runner/work/_temp"));
    }
}

#[test]
fn booleans_are_yaml_core_booleans_and_nothing_else() {
    for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)] {
        assert_eq!(parse(&[("required", text)]).unwrap().required, value);
    }
    for text in ["yes", "1", " true ", "tru", "tRUE", "on"] {
        assert_eq!(refused("required", text), "`required` must be `true` or `false`");
    }
}

#[test]
fn numbers_have_limits() {
    for text in ["4", "601", "soon", "+45", "-1", "45s", "4.5", "99999999999"] {
        assert_eq!(refused("timeout", text), "`timeout` must be a whole number of seconds from 5 to 600");
    }
    assert_eq!(parse(&[("timeout", "600")]).unwrap().timeout.as_secs(), 600);
    assert_eq!(refused("expiry-warning-days", "-1"), "`expiry-warning-days` must be a number of days, 0 for never");
}

#[test]
fn allow_takes_reason_codes_in_any_separation() {
    let inputs = parse(&[("allow", "same-repo-pr, merge-queue\nworkflow-run")]).unwrap();
    assert_eq!(inputs.allow, BTreeSet::from([Reason::SameRepoPr, Reason::MergeQueue, Reason::WorkflowRun]));
    for word in ["fork-pr", "everything", "same-repo-pr;merge-queue", "SAME-REPO-PR"] {
        assert!(refused("allow", word).starts_with("`allow` accepts only: same-repo-pr, "), "{word}");
    }
}

#[test]
fn a_username_fits_into_http_basic() {
    assert_eq!(parse(&[("GHCR_USERNAME", " robot ")]).unwrap().username, "robot");
    for name in ["a:b", "a\nb", "é", &"a".repeat(300)] {
        assert!(refused("GHCR_USERNAME", name).starts_with("`GHCR_USERNAME` contains a colon"), "{name}");
    }
    let odd_actor = [("GITHUB_REPOSITORY", "acme/app"), ("GITHUB_ACTOR", "é:x")].into_iter().collect();
    assert_eq!(Inputs::parse(&odd_actor).unwrap().username, "acme");
}

#[test]
fn a_token_that_was_pasted_into_another_input_is_refused() {
    for token in ["ghp_0123456789abcdefABCDEF", "an-opaque.Token"] {
        for (input, value) in [
            ("GHCR_USERNAME", token.to_owned()),
            ("GHCR_USERNAME", format!("alice {token}")),
            ("registry", token.to_ascii_lowercase()),
            ("images", format!("acme/app, acme/{token}")),
            ("runner-temp", format!("/{token}")),
        ] {
            let error = parse(&[("GHCR_TOKEN", token), (input, &value)]).unwrap_err();
            assert_eq!(error.reason, if input == "images" { Reason::InvalidImage } else { Reason::InvalidInput });
            assert!(error.to_string().starts_with(&format!("`{input}` contains a token")) && !error.to_string().contains(token));
        }
    }
    assert!(parse(&[("GHCR_TOKEN", "app"), ("images", "acme/app")]).is_ok(), "too short to be told from chance");
    assert!(refused("registry", "GHO_0123456789abcdef0123.example").contains("contains a token"), "whatever the credentials are");
}

#[test]
fn the_registry_follows_the_server_unless_given() {
    let on = |server, registry: &str| {
        let environment = [("GITHUB_SERVER_URL", server), ("INPUT_REGISTRY", registry), ("INPUT_IMAGES", "acme/app")].into_iter().collect();
        Inputs::parse(&environment).map(|inputs| (inputs.registry.name().to_owned(), inputs.home_registry.is_some()))
    };
    assert_eq!(on("https://acme.ghe.com", ""), Ok(("containers.acme.ghe.com".into(), true)));
    assert_eq!(on("https://acme.ghe.com", "GHCR.io"), Ok(("ghcr.io".into(), true)));
    assert_eq!(on("nonsense", "ghcr.io"), Ok(("ghcr.io".into(), false)));
    assert!(on("nonsense", "").is_err());
}

#[test]
fn an_image_is_refused_by_position_and_without_its_text() {
    let problem = parse(&[("images", "acme/app\nghp_secret")]).unwrap_err();
    assert_eq!(problem.reason, Reason::InvalidImage);
    assert_eq!(problem.to_string(), "`images` entry 2 has no owner; write `owner/name`");
}

#[test]
fn the_hosts_temp_directory_comes_untranslated() {
    assert_eq!(parse(&[("runner-temp", "host:/srv/work/_temp")]).unwrap().runner_temp.unwrap(), PathBuf::from("/srv/work/_temp"));
}

#[test]
fn a_certificate_bundle_must_hold_certificates() {
    for file in ["/dev/null", "/", "/no/such/file", "Cargo.toml"] {
        let workspace = [("GITHUB_WORKSPACE", env!("CARGO_MANIFEST_DIR")), ("GITHUB_REPOSITORY", "acme/app")];
        for variable in ["INPUT_CA-FILE", "SSL_CERT_FILE"] {
            let environment = workspace.into_iter().chain([(variable, file)]).collect();
            let problem = Inputs::parse(&environment).unwrap_err();
            assert!(problem.to_string().ends_with("must name a readable PEM file with at least one certificate"), "{file}");
        }
    }
}

#[test]
fn a_token_in_what_is_said_back_goes_no_further() {
    let with = |name: &str, value: &str| {
        let given = [("GITHUB_REPOSITORY", "acme/app"), ("INPUT_GHCR_PAT", "opaque-credential"), (name, value)];
        Inputs::parse(&given.into_iter().collect())
    };
    for value in
        ["https://ghp_0123456789abcdef0123456789abcdef0123", "/x/opaque-credential", "OPAQUE-CREDENTIAL", "opa\u{200b}que-credential"]
    {
        for name in pasted::SAID_BACK {
            assert_eq!(with(name, value).unwrap_err().to_string(), format!("`{name}` contains a token, and it may be logged"), "{value}");
        }
    }
    for actor in ["opaque-credential", "ghp_0123456789abcdef0123456789abcdef0123"] {
        assert_eq!(with("GITHUB_ACTOR", actor).unwrap().username, "acme");
    }
}
