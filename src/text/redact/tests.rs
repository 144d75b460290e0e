use super::{without_credentials as line, *};

#[test]
fn what_can_only_be_a_credential_is_hidden_whatever_it_looks_like() {
    for text in [
        "Authorization: Basic dXNlcjpwdw==",
        "Bearer abcdefghijkl",
        "login -u me -p secretword",
        "login --password=hunter",
        "identitytoken: abcd",
    ] {
        let shown = line(text);
        assert!(shown.contains(HIDDEN), "{shown}");
        for secret in ["dXNlcjpwdw", "abcdefghijkl", "secretword", "hunter", "abcd"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn an_escape_before_a_long_name_makes_no_credential_of_it() {
    let said = "https://ghcr.io/token?scope=repository%3Ak8snetworkplumbingwg%2Fwhereabouts-chart%3Apull";
    assert_eq!(line(said), said);
}

#[test]
fn what_tools_say_of_a_bearer_token_is_shown() {
    let said = "Requesting bearer token: invalid status code from registry 403 (Forbidden)";
    assert_eq!(line(said), said);
    assert!(!line("Bearer token: abcdefgh1jkl").contains("abcdefgh1jkl"));
}

#[test]
fn credentials_are_hidden_in_every_form() {
    for (text, secret) in [
        ("docker login -p ghp_0123456789abcdef ghcr.io", "ghp_0"),
        ("echo github_pat_11AAA_bbb|docker login", "github_pat_"),
        ("https://octocat:hunter2@ghcr.io/v2/: denied", "hunter2"),
        (r#""auth":"b2N0b2NhdDpnaHBfMDEyMzQ1Njc4OWFi""#, "b2N0"),
        (r#""auth": "b2N0b2NhdDpn/aHBfMDEyMzQ1N+jc4OWFi==""#, "aHBf"),
        ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "eyJ"),
        ("password: correct1horse", "correct1horse"),
        ("--password hunter22 ghcr.io", "hunter22"),
        ("password=hunter22", "hunter22"),
        ("Z2hwXzAxMjM0NTY3ODlhYmNkZWY=", "Z2hw"),
        ("token 6768705f30313233343536373839616263646566", "3031"),
        ("ghcr.io/acme/6768705f30313233343536373839616263646566: denied", "3031"),
        ("at 06768705F3031323334353637383961626364 bytes", "3031"),
        ("?t=%67%68%70%5F%30%31%32%33%34%35%36%37%38%39 %", "%30%31"),
        ("?t=ghp%5F0123456789abcdef", "0123"),
        ("?t=a%3Ab2N0b2NhdDpnaHBfMDEyMzQ1Njc4OWFi", "b2N0"),
    ] {
        assert!(!line(text).contains(secret), "{}", line(text));
    }
}

#[test]
fn a_value_is_hidden_by_the_name_before_it() {
    let classic = "0123456789abcdef0123456789abcdef01234567";
    for text in [
        format!("GHCR_PAT={classic}"),
        "export CR_PAT=hunterhorse".into(),
        "  GHCR_TOKEN: hunterhorse".into(),
        r#""REGISTRY_PASSWORD": "hunterhorse","#.into(),
        "MY_SECRET = hunterhorse".into(),
        "api-key:hunterhorse".into(),
        "X-GitHub-Token: hunterhorse".into(),
        format!("Authorization: token {classic}"),
        "curl -u user:hunterhorse https://ghcr.io/v2/".into(),
        "docker login ghcr.io -u me -phunterhorse".into(),
        "docker login -p=hunterhorse".into(),
        "my password is hunterhorse".into(),
        "the token was: hunterhorse1".into(),
        "echo -n hunterhorse | docker login ghcr.io --password-stdin".into(),
        r"\u0067hp_hunterhorse".into(),
        r"\x67\x68p_hunterhorse".into(),
        "&#103;hp&#x5f;hunterhorse".into(),
        "?access_token=hunterhorse&x=1".into(),
        "gh\u{200b}p_hunterhorse".into(),
        "g\u{fe0f}h\u{fe0f}p\u{fe0f}_hunterhorse".into(),
        "\u{ff47}\u{ff48}\u{ff50}\u{ff3f}hunterhorse".into(),
        r"\u{67}\u{68}p_hunterhorse \U00000067hp_hunterhorse \147hp_hunterhorse".into(),
        "67:68:70:5f:68:75:6e:74 %2567%2568p_hunterhorse".into(),
        "M5UHAX3IOVXHIZLSNBXXE43FG5IXU2DVNZ2GK4TIN5ZHGZJXKF5GQ5LO hunterhors".into(),
        "ghcrPat: hunterhorse".into(),
        "DOCKER_PASS=hunterhorse PASSPHRASE=hunterhorse MY_CREDS=hunterhorse".into(),
        "authorization:Basic hunterhorse".into(),
        "Set-Cookie: user_session=hunterhorse".into(),
        "curl -uuser:hunterhorse https://ghcr.io".into(),
        "wget --http-password hunterhorse x".into(),
        "skopeo copy --dest-creds me:hunterhorse docker://ghcr.io/a/b".into(),
        "podman login --creds=me:hunterhorse ghcr.io".into(),
        "docker login ghcr.io --password-stdin <<< hunterhorse".into(),
        "Write-Output hunterhorse | docker login ghcr.io --password-stdin".into(),
        "my PAT is hunterhorse, pat: hunterhorse1, API key hunterhorse1".into(),
        r#""registrytoken":"hunterhorse""#.into(),
        "//user:hunterhorse@ghcr.io user:hunterhorse@ghcr.io/a/b".into(),
        "Password:hunterhorse1 password -> hunterhorse1".into(),
    ] {
        let shown = line(&text);
        assert!(!shown.contains("hunterhorse") && !shown.contains(classic), "{shown}");
    }
}

#[test]
fn what_tells_the_cause_stays() {
    for text in [
        r#"Error response from daemon: Get "https://ghcr.io/v2/": denied: denied"#,
        "unexpected status from HEAD request to https://ghcr.io/v2/acme/app/blobs/sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b: 403 Forbidden",
        "failed to fetch oauth token: denied: denied",
        "permission_denied: The token provided does not match expected scopes.",
        "PUT https://ghcr.io/v2/acme/app/blobs/upload/03f854c2-5b37-4809-9506-6803fd7f5332: DENIED",
        r#"invalid tag "ghcr.io/OctoCat/App:latest": repository name must be lowercase"#,
        "Error: Username and password required",
        "your password is incorrect",
        "GITHUB_TOKEN has no packages: write",
        "GHCR_PAT: ${{ secrets.GHCR_PAT }}",
        "GHCR_PAT: ***",
        "docker build --push -platform linux/amd64 -t ghcr.io/acme/app .",
        "cd a && make; echo done",
        "ERROR: failed to push ghcr.io/acme/app:1@sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b: denied",
        "key: value, cache key is missing",
    ] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn a_line_has_no_control_characters() {
    assert!(!line(&"é\u{1b}\u{7}".repeat(1000)).contains(char::is_control));
}
