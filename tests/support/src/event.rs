//! Events of the repository acme/app (id 1001): payload and the variables that come with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The commit that every event is about.
pub const SHA: &str = "8c1b3f0a6e5d4c7b9a8f7e6d5c4b3a2f1e0d9c8b";
const BEFORE: &str = "0f9e8d7c6b5a49382716f5e4d3c2b1a0f9e8d7c6";

/// What started a run.
#[derive(Clone, Debug)]
pub struct Event {
    /// `GITHUB_EVENT_NAME`.
    pub name: String,
    /// The content of event.json.
    pub payload: Value,
    /// The variables that depend on the event, `INPUT_SECRET-SOURCE` (`github.secret_source`) included.
    pub env: BTreeMap<String, String>,
}

impl Event {
    /// A push to the default branch.
    pub fn push() -> Self {
        Self::on_branch("push", "main", push_payload("refs/heads/main", "alice"))
    }

    /// A push of a tag.
    pub fn tag_push(tag: &str) -> Self {
        let event = Self::on_branch("push", "main", push_payload(&format!("refs/tags/{tag}"), "alice"));
        event.with("GITHUB_REF", &format!("refs/tags/{tag}")).with("GITHUB_REF_NAME", tag).with("GITHUB_REF_TYPE", "tag")
    }

    /// A release that was published.
    pub fn release(tag: &str) -> Self {
        let payload = json!({
            "action": "published",
            "release": {"id": 3001, "tag_name": tag, "target_commitish": "main", "draft": false, "prerelease": false},
            "repository": repository(1001, "acme/app", false),
            "sender": user("alice"),
        });
        let event = Self::on_branch("release", "main", payload);
        event.with("GITHUB_REF", &format!("refs/tags/{tag}")).with("GITHUB_REF_NAME", tag).with("GITHUB_REF_TYPE", "tag")
    }

    /// A run that somebody started by hand on the default branch.
    pub fn workflow_dispatch() -> Self {
        let payload = json!({
            "ref": "refs/heads/main", "inputs": null, "workflow": ".github/workflows/ci.yml",
            "repository": repository(1001, "acme/app", false),
            "sender": user("alice"),
        });
        Self::on_branch("workflow_dispatch", "main", payload)
    }

    /// A cron run on the default branch, whose payload has no sender.
    pub fn schedule() -> Self {
        let payload = json!({
            "schedule": "17 4 * * 1",
            "repository": repository(1001, "acme/app", false),
            "workflow": ".github/workflows/ci.yml",
        });
        Self::on_branch("schedule", "main", payload)
    }

    /// A pull request from bob's fork.
    pub fn fork_pull_request() -> Self {
        let head = json!({
            "label": "bob:feature", "ref": "feature", "sha": SHA,
            "user": user("bob"), "repo": repository(2002, "bob/app", true),
        });
        Self::pull_request("bob", "feature", &head).with("INPUT_SECRET-SOURCE", "None")
    }

    /// A pull request from a branch of the repository itself.
    pub fn same_repo_pull_request() -> Self {
        let head = json!({
            "label": "acme:feature", "ref": "feature", "sha": SHA,
            "user": user("acme"), "repo": repository(1001, "acme/app", false),
        });
        Self::pull_request("alice", "feature", &head)
    }

    /// Dependabot's push to its own branch.
    pub fn dependabot_push() -> Self {
        let branch = "dependabot/cargo/serde-1.0.228";
        let payload = push_payload(&format!("refs/heads/{branch}"), "dependabot[bot]");
        Self::on_branch("push", branch, payload)
            .with("GITHUB_ACTOR", "dependabot[bot]")
            .with("GITHUB_ACTOR_ID", "49699333")
            .with("GITHUB_TRIGGERING_ACTOR", "dependabot[bot]")
            .with("INPUT_SECRET-SOURCE", "Dependabot")
    }

    /// The same event with another value of one variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    fn on_branch(name: &str, branch: &str, payload: Value) -> Self {
        let env = [
            ("GITHUB_ACTOR", "alice"),
            ("GITHUB_ACTOR_ID", "501"),
            ("GITHUB_BASE_REF", ""),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_HEAD_REF", ""),
            ("GITHUB_REF", &format!("refs/heads/{branch}")),
            ("GITHUB_REF_NAME", branch),
            ("GITHUB_REF_PROTECTED", "true"),
            ("GITHUB_REF_TYPE", "branch"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_REPOSITORY_ID", "1001"),
            ("GITHUB_REPOSITORY_OWNER", "acme"),
            ("GITHUB_REPOSITORY_OWNER_ID", "77"),
            ("GITHUB_SHA", SHA),
            ("GITHUB_TRIGGERING_ACTOR", "alice"),
            ("INPUT_SECRET-SOURCE", "Actions"),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { name: name.to_owned(), payload, env }
    }

    fn pull_request(author: &str, branch: &str, head: &Value) -> Self {
        let payload = json!({
            "action": "synchronize",
            "number": 7,
            "before": BEFORE,
            "after": SHA,
            "pull_request": {
                "id": 9001, "number": 7, "state": "open", "merged": false, "draft": false,
                "title": "Add a feature", "user": user(author), "author_association": "CONTRIBUTOR",
                "head": head,
                "base": {
                    "label": "acme:main", "ref": "main", "sha": BEFORE,
                    "user": user("acme"), "repo": repository(1001, "acme/app", false),
                },
            },
            "repository": repository(1001, "acme/app", false),
            "organization": {"login": "acme", "id": 77},
            "sender": user(author),
        });
        Self::on_branch("pull_request", "main", payload)
            .with("GITHUB_ACTOR", author)
            .with("GITHUB_TRIGGERING_ACTOR", author)
            .with("GITHUB_BASE_REF", "main")
            .with("GITHUB_HEAD_REF", branch)
            .with("GITHUB_REF", "refs/pull/7/merge")
            .with("GITHUB_REF_NAME", "7/merge")
            .with("GITHUB_REF_PROTECTED", "false")
    }
}

fn push_payload(git_ref: &str, sender: &str) -> Value {
    json!({
        "ref": git_ref, "before": BEFORE, "after": SHA, "base_ref": null,
        "created": false, "deleted": false, "forced": false,
        "head_commit": {"id": SHA, "message": "Add a feature", "timestamp": "2026-11-20T10:00:00Z"},
        "commits": [],
        "pusher": {"name": sender, "email": "alice@acme.example"},
        "repository": repository(1001, "acme/app", false),
        "organization": {"login": "acme", "id": 77},
        "sender": user(sender),
    })
}

fn repository(id: u64, full_name: &str, fork: bool) -> Value {
    let (owner, name) = full_name.split_once('/').expect("owner/name");
    json!({
        "id": id, "name": name, "full_name": full_name, "private": false, "visibility": "public",
        "fork": fork, "default_branch": "main", "owner": user(owner),
    })
}

fn user(login: &str) -> Value {
    let (id, kind) = match login {
        "acme" => (77, "Organization"),
        "bob" => (502, "User"),
        "dependabot[bot]" => (49_699_333, "Bot"),
        _ => (501, "User"),
    };
    json!({"login": login, "id": id, "type": kind, "site_admin": false})
}
