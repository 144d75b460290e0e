//! No text makes the audit panic, and nothing of a file is lost on the way to its lines.

use ghcr_auth::audit::audit;
use proptest::prelude::*;

/// Pieces that workflows are made of, and some that break them.
const PIECES: [&str; 36] = [
    "on: [push, pull_request]\n",
    "on: pull_request_target\n",
    "jobs:\n",
    "  a:\n",
    "    steps:\n",
    "    - uses: docker/build-push-action@v6\n",
    "      with:\n",
    "        push: true\n",
    "        push: ${{ !github.event.pull_request.head.repo.fork }}\n",
    "        tags: ghcr.io/Acme/app\n",
    "    - run: docker push $X\n",
    "    - run: |\n",
    "        docker push ghcr.io/a/b \\\n",
    "        docker login ghcr.io -u a <<< ${{ secrets.A || github.token }}\n",
    "    if: github.actor == 'dependabot[bot]'\n",
    "    needs: [a, b]\n",
    "  b:\n",
    "    needs: a\n",
    "    uses: ./.github/workflows/a.yml\n",
    "    permissions: {}\n",
    "    env: &e {X: '${{ env.X }}', Y: ghcr.io}\n",
    "    env: *e\n",
    "    <<: *e\n",
    "      id: \"é\"\n",
    "- ",
    ": ",
    "'",
    "\"",
    "${{",
    "}}",
    "|\n",
    "\t",
    "\r\n",
    "#",
    "$",
    "\\",
];

#[test]
fn a_long_chain_of_jobs_is_no_reason_to_give_up() {
    let job =
        |index: usize| format!("  j{index}:\n    needs: j{}\n    steps: [{{run: docker push ghcr.io/a/b}}]\n", index.saturating_sub(1));
    let text = format!("on: pull_request\njobs:\n{}", (0..1000).map(job).collect::<String>());
    assert!(audit(&[("a.yml", &text)], &|_| None).len() >= 1000);
}

proptest! {
    #[test]
    fn no_text_makes_the_audit_panic(text in "\\PC{0,200}") {
        audit(&[("a.yml", &text)], &|_| None);
    }

    #[test]
    fn no_pieces_of_workflows_make_it_panic_or_name_a_line_that_is_not_there(pieces in proptest::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        let text = pieces.concat();
        let whole = format!("on: [push, pull_request]\njobs:\n  a:\n    steps:\n{text}");
        for finding in audit(&[(".github/workflows/a.yml", &text), (".github/workflows/b.yml", &whole)], &|_| None) {
            prop_assert!(finding.line >= 1 && finding.line <= text.lines().count().max(whole.lines().count()) + 1);
            prop_assert!(!finding.message.is_empty() && !finding.fix.is_empty());
        }
    }
}
