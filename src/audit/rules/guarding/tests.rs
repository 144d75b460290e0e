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
