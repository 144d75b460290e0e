use crate::audit::{audit, edit::apply};

/// The workflow as changed, and what all findings say.
fn fixed(text: &str) -> (String, String) {
    let found = audit(&[("a.yml", text)], &|_| None);
    let edits: Vec<_> = found.iter().flat_map(|finding| finding.edits.clone()).collect();
    (apply(text, &edits).unwrap(), found.into_iter().map(|finding| finding.fix + "\n").collect())
}

const LOGIN: &str = "on: [push, pull_request]
permissions: {contents: read, packages: write}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v3
        with:
          registry: ghcr.io
          username: x
          password: PASSWORD
      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: ghcr.io/acme/app:1
";

#[test]
fn a_login_stays_whose_password_is_more_than_one_credential() {
    for (password, pat) in [
        ("${{ secrets.GITHUB_TOKEN }}", ""),
        ("${{ secrets.A }}", "          GHCR_PAT: ${{ secrets.A }}\n"),
        ("${{ secrets.A || github.token }}", "          GHCR_PAT: ${{ secrets.A }}\n"),
    ] {
        let (changed, _) = fixed(&LOGIN.replace("PASSWORD", password));
        let (_, step) = changed.split_once("ghcr-auth@v1\n        id: ghcr\n        with:\n").expect(password);
        assert!(step.starts_with(&format!("{pat}          images: ")), "{changed}");
    }
    for password in
        ["${{ steps.vault.outputs.pat }}", "${{ env.UNSET }}", "${{ secrets.A || secrets.B }}", "${{ x && secrets.A || secrets.B }}"]
    {
        let text = LOGIN.replace("PASSWORD", password);
        let (changed, said) = fixed(&text);
        assert_eq!(changed, text);
        assert!(said.contains("# add `with: GHCR_PAT:`") && !said.contains("secrets.A"), "{said}");
    }
}

const GUARDED: &str = "on: [push, pull_request]
permissions: {packages: write}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: org/ghcr-auth@v1
        id: ghcr
";

/// The lines that come for a step that pushes.
fn added(step: &str) -> Vec<String> {
    let text = format!("{GUARDED}{step}");
    let (changed, _) = fixed(&text);
    changed.lines().filter(|line| !text.lines().any(|old| old == *line)).map(str::to_owned).collect()
}

#[test]
fn a_condition_stays_that_is_not_one_expression_on_one_line() {
    let with_condition = |condition: &str| added(&format!("      - run: docker push ghcr.io/acme/app:1\n        if: {condition}\n"));
    assert_eq!(with_condition("success()"), ["        if: steps.ghcr.outputs.push == 'true' && (success())"]);
    for condition in [
        "",
        "''",
        "github.ref) || (github.sha",
        r#""github.ref == 'a\u0007b'""#,
        r#""github.ref == 'a\u2028b'""#,
        r#""success()\n|| true""#,
    ] {
        assert_eq!(with_condition(condition), [""; 0], "{condition}");
    }
}

#[test]
fn a_text_that_keeps_its_last_lines_is_not_cut() {
    let step = |sign: &str| format!("      - env:\n          A: |{sign}\n            x\n\n\n        run: docker push ghcr.io/acme/app:1\n");
    for sign in ["+", ""] {
        let text = format!("{GUARDED}{}", step(sign));
        let (changed, _) = fixed(&text);
        let answered = changed.replace("        if: steps.ghcr.outputs.push == 'true'\n", "");
        assert!(answered == text && changed != text, "{changed}");
        let env = |text: &str| {
            crate::workflow::document(text)
                .unwrap()
                .scalars()
                .iter()
                .any(|(_, text)| *text == if sign.is_empty() { "x\n" } else { "x\n\n\n" })
        };
        assert!(env(&text) && env(&changed), "{changed}");
    }
}

#[test]
fn a_step_has_one_dash() {
    for (dash, column) in [("      -\n        ", 8), ("      - # why\n        ", 8), ("      -   ", 10), ("      - ", 8)] {
        let steps = format!("{dash}uses: org/ghcr-auth@v1\n{}id: ghcr\n", " ".repeat(column));
        let text = format!(
            "on: push\npermissions: {{packages: write}}\njobs:\n  a:\n    runs-on: ubuntu-slim\n    steps:\n{steps}      - run: docker push ghcr.io/acme/app:1\n        if: steps.ghcr.outputs.push == 'true'\n"
        );
        assert_eq!(fixed(&text).0, text.replace("ghcr-auth@", "ghcr-auth/host@"));
    }
}

#[test]
fn an_access_on_a_line_of_its_own_goes_with_its_key() {
    for access in ["\n        read", " >-\n        read", " !!str\n        read", " read"] {
        let text = format!(
            "on: push\njobs:\n  a:\n    permissions:\n      packages:{access}\n      contents: read\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/app:1\n"
        );
        let (changed, _) = fixed(&text);
        assert!(changed.contains("    permissions:\n      packages: write\n      contents: read\n    runs-on"), "{changed}");
    }
}

#[test]
fn an_id_is_free_however_many_are_taken() {
    let taken: String = (2..150).map(|number| format!("      - {{id: GHCR-{number}, run: x}}\n")).collect();
    let (changed, _) = fixed(&format!("{}      - {{id: ghcr, run: x}}\n{taken}", LOGIN.replace("PASSWORD", "${{ github.token }}")));
    assert!(changed.contains("        id: ghcr-150\n") && changed.contains("steps.ghcr-150.outputs.push == 'true'"), "{changed}");
}

#[test]
fn a_token_of_an_app_is_known_among_many() {
    let tokens: String = (0..50).map(|number| format!("      - {{id: t{number}, uses: actions/create-github-app-token@v2}}\n")).collect();
    let found = |id: &str| {
        let password = format!("${{{{ steps.{id}.outputs.token }}}}");
        let text = LOGIN.replace("PASSWORD", &password).replace("    steps:\n", &format!("    steps:\n{tokens}"));
        audit(&[("a.yml", &text)], &|_| None).iter().any(|finding| finding.rule == crate::audit::rules::Rule::AppToken)
    };
    assert_eq!(["t0", "t49", "t50", "x"].map(found), [true, true, false, false]);
}
