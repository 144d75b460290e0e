//! What the commands of a script push, log in to or have other files do.

use std::collections::BTreeSet;

use super::shell::Command;

/// The variable that names the repository ko pushes to.
pub const KO_REPOSITORY: &str = "KO_DOCKER_REPO";

/// The action that installs ko and, unless told otherwise, has it push to GHCR.
pub const SETUP_KO: &str = "ko-build/setup-ko";

/// Programs that do what some other file says.
const RUNNERS: [&str; 30] = [
    "make",
    "gmake",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "just",
    "task",
    "mage",
    "cargo",
    "npm",
    "pnpm",
    "yarn",
    "npx",
    "bun",
    "python",
    "python3",
    "bash",
    "sh",
    "zsh",
    "goreleaser",
    "nix",
    "nix-shell",
    "bazel",
    "bazelisk",
    "dagger",
    "go",
    "skaffold",
    "rake",
    "uv",
];

/// Whether some of BuildKit's exporters push.
pub fn exports_to_registry(outputs: &str) -> bool {
    outputs.contains("push=true") || outputs.contains("type=registry")
}

/// How a command pushes, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushing {
    /// The command's name for it: `docker push`.
    pub what: String,
    /// The words that name the target; none when the command leaves it to a file or a variable.
    pub targets: Vec<String>,
}

/// What a command has another file do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs {
    /// A script of the repository.
    Script(String),
    /// Targets of a makefile.
    Make {
        /// Its directory, with a slash at the end, or nothing.
        directory: String,
        /// The makefile, if another one than usual.
        file: Option<String>,
        /// The targets; none for the first one.
        targets: Vec<String>,
    },
}

impl Command {
    /// Whether it does what some other file says, and says itself that this has to do with images.
    pub fn may_push(&self) -> bool {
        const TELLING: [&str; 13] =
            ["push", "publish", "release", "deploy", "image", "docker", "container", "sign", "promote", "jib", "bake", "package", "oci"];
        let tells = || {
            let line = self.line.to_lowercase().replace("--release", "");
            TELLING.iter().any(|word| line.contains(word))
        };
        self.is_runner() && tells() || self.says_push()
    }

    /// Whether it does what some other file says, and says itself that this is a push.
    pub fn says_push(&self) -> bool {
        let says = || {
            let line = self.line.to_lowercase();
            ["--push", "docker-push", "docker.push", "docker-buildx", "jib:build", "image-push", "push-image"]
                .iter()
                .any(|word| line.contains(word))
        };
        (self.is_runner() || self.path.starts_with('$')) && says()
    }

    fn is_runner(&self) -> bool {
        let program = self.words[0].as_str();
        RUNNERS.contains(&program) || [".sh", ".py", ".js", ".rb", ".bash"].iter().any(|end| program.ends_with(end))
    }

    /// The script or makefile target that it runs: the file, and the target.
    pub fn runs(&self) -> Option<Runs> {
        let plain = |word: &&String| !word.starts_with('-') && !word.contains(['$', '=']);
        match self.words[0].as_str() {
            "make" | "gmake" => {
                let directory = self.values(&["-C", "--directory"]).first().map(|path| format!("{}/", path.trim_end_matches('/')));
                let file = self.values(&["-f", "--file", "--makefile"]).first().map(|file| (*file).to_owned());
                let skipped: BTreeSet<&str> = self.values(&["-C", "--directory", "-f", "--file", "--makefile"]).into_iter().collect();
                let targets = self.words.iter().skip(1).filter(plain).filter(|word| !skipped.contains(word.as_str())).cloned().collect();
                Some(Runs::Make { directory: directory.unwrap_or_default(), file, targets })
            }
            "bash" | "sh" | "zsh" | "." | "source" => self.words.iter().skip(1).find(plain).map(|file| Runs::Script(file.clone())),
            _ if self.path.contains('/') => Some(Runs::Script(self.path.clone())),
            _ => None,
        }
    }

    /// Whether it copies an image from one registry to another.
    pub fn copies(&self) -> bool {
        self.verbs().iter().any(|verb| ["copy", "cp", "sync", "imagetools"].contains(verb))
    }

    /// Whether it logs in to a registry.
    pub fn is_login(&self) -> bool {
        let client = self.words[0].as_str();
        let verbs = self.verbs();
        match client {
            "docker" | "podman" | "buildah" | "skopeo" | "nerdctl" | "oras" | "cosign" | "ko" => verbs.first() == Some(&"login"),
            "helm" | "regctl" => verbs.starts_with(&["registry", "login"]),
            "crane" => verbs.starts_with(&["auth", "login"]),
            _ => false,
        }
    }

    /// How it pushes, if it does.
    pub fn pushing(&self) -> Option<Pushing> {
        let verbs = self.verbs();
        let verb = *verbs.first()?;
        let (depth, targets) = match self.words[0].as_str() {
            "docker" | "podman" | "nerdctl" | "buildah" | "docker-compose" => return self.engine_pushing(&verbs),
            "crane" | "skopeo" | "helm" | "cosign" | "apptainer" | "singularity" if self.names_target_last(verb) => (1, self.last()),
            "regctl" if verbs.starts_with(&["image", "copy"]) => (2, self.last()),
            "oras" if ["push", "copy", "cp", "attach", "tag"].contains(&verb) => (1, self.words[2..].to_vec()),
            "pack" if verb == "build" && self.has(&["--publish"]) => (1, self.words[2..].to_vec()),
            "flux" | "spin" if verbs.contains(&"push") => (2, self.words[2..].to_vec()),
            "earthly" if self.has(&["--push"]) => (0, Vec::new()),
            "ko" if ["build", "publish", "apply", "resolve"].contains(&verb) && !self.has(&["--local", "-L", "--push=false"]) => {
                (1, vec![self.ko_repository()])
            }
            "gradle" | "gradlew" | "mvn" | "mvnw" => return self.jib_pushing(),
            _ => return None,
        };
        Some(Pushing { what: self.named(&verbs, depth), targets })
    }

    /// Whether this verb of a client pushes to what stands last.
    fn names_target_last(&self, verb: &str) -> bool {
        match self.words[0].as_str() {
            "crane" => ["push", "copy", "cp", "append", "tag", "mutate"].contains(&verb),
            "skopeo" => verb == "copy" || verb == "sync" && self.values(&["--dest", "-d"]).contains(&"docker"),
            "cosign" => ["sign", "attest", "attach", "copy"].contains(&verb),
            _ => verb == "push",
        }
    }

    fn engine_pushing(&self, verbs: &[&str]) -> Option<Pushing> {
        let builds = verbs.iter().take(2).any(|verb| ["build", "bake", "b"].contains(verb));
        let outputs = self.values(&["-o", "--output"]);
        let exports = outputs.iter().any(|output| exports_to_registry(output));
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (depth, targets) = match verbs {
            ["push", ..] => (1, self.words[2..].to_vec()),
            ["image" | "manifest", "push", ..] => (2, self.words[3..].to_vec()),
            ["compose", "push", ..] | ["compose", _, "push"] => (1, Vec::new()),
            ["run", ..] if self.words.iter().any(|word| word.contains("kaniko")) => (1, owned(self.values(&["--destination", "-d"]))),
            ["buildx", "imagetools", "create"] => (3, owned(self.values(&["-t", "--tag"]))),
            _ if builds && (exports || self.has(&["--push", "--push=true"])) => {
                (verbs.len().min(2), owned([self.values(&["-t", "--tag"]), outputs].concat()))
            }
            _ => return None,
        };
        Some(Pushing { what: self.named(verbs, if builds && verbs[0] != "buildx" { 1 } else { depth }), targets })
    }

    fn named(&self, verbs: &[&str], depth: usize) -> String {
        [&[self.words[0].as_str()], &verbs[..depth.min(verbs.len())]].concat().join(" ")
    }

    /// The last argument that is no flag and no value of one.
    fn last(&self) -> Vec<String> {
        const SWITCHES: [&str; 7] = ["-y", "--yes", "-r", "--recursive", "-f", "--force", "--debug"];
        let is_value = |before: &str| before.starts_with('-') && !before.contains('=') && !SWITCHES.contains(&before);
        let arguments = || self.words.windows(2).filter(|pair| !pair[1].starts_with('-'));
        let plain = arguments().rfind(|pair| !is_value(&pair[0]));
        plain.or_else(|| arguments().next_back()).map(|pair| pair[1].clone()).into_iter().collect()
    }

    /// The repository that ko pushes to (<https://ko.build/configuration/#environment-variables-table>).
    fn ko_repository(&self) -> String {
        let given = self.line.split_whitespace().find_map(|word| word.strip_prefix(&format!("{KO_REPOSITORY}=")));
        given.map_or_else(|| format!("${KO_REPOSITORY}"), |given| given.trim_matches(['"', '\'']).to_owned())
    }

    /// Jib, which builds and pushes from Gradle and Maven (<https://github.com/GoogleContainerTools/jib>).
    fn jib_pushing(&self) -> Option<Pushing> {
        let task = self.words.iter().skip(1).find(|word| *word == "jib" || word.ends_with(":jib") || word.ends_with("jib:build"))?;
        let targets = self.values(&["-Djib.to.image", "-Dimage", "--image"]).into_iter().map(str::to_owned).collect();
        Some(Pushing { what: format!("{} {task}", self.words[0]), targets })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::shell::commands, *};

    fn pushed(script: &str) -> Vec<String> {
        let pushing = commands(script).iter().filter_map(Command::pushing).collect::<Vec<_>>();
        pushing.into_iter().map(|pushing| format!("{}: {}", pushing.what, pushing.targets.join(" "))).collect()
    }

    #[test]
    fn every_client_that_pushes_is_known_with_its_target() {
        for (script, expected) in [
            ("docker push ghcr.io/a/b:1", "docker push: ghcr.io/a/b:1"),
            ("sudo DOCKER=1 /usr/bin/docker image push -q \"ghcr.io/a/b\"", "docker image push: -q ghcr.io/a/b"),
            ("docker buildx build --push \\\n  -t ghcr.io/a/b \\\n  --cache-from quay.io/c .", "docker buildx build: ghcr.io/a/b"),
            ("docker build --push --tag=${{ env.IMAGE }} .", "docker build: ${{ env.IMAGE }}"),
            ("docker buildx build -o type=registry -t x .", "docker buildx build: x type=registry"),
            ("docker buildx bake --push", "docker buildx bake: "),
            ("docker buildx imagetools create -t ghcr.io/a/b quay.io/c", "docker buildx imagetools create: ghcr.io/a/b"),
            ("docker compose -f x.yml push", "docker compose: "),
            ("podman push x ghcr.io/a/b", "podman push: x ghcr.io/a/b"),
            ("skopeo copy docker://quay.io/c docker://ghcr.io/a/b", "skopeo copy: docker://ghcr.io/a/b"),
            ("crane cp quay.io/c ghcr.io/a/b", "crane cp: ghcr.io/a/b"),
            ("oras push ghcr.io/a/b:1 ./file", "oras push: ghcr.io/a/b:1 ./file"),
            ("make && helm push chart.tgz oci://ghcr.io/a/charts", "helm push: oci://ghcr.io/a/charts"),
            ("cosign sign --yes ghcr.io/a/b@sha256:1", "cosign sign: ghcr.io/a/b@sha256:1"),
            ("cosign sign --key env://K $URL --fulcio-url $F --rekor-url $R -y", "cosign sign: $URL"),
            ("ko build ./cmd/app", "ko build: $KO_DOCKER_REPO"),
            ("KO_DOCKER_REPO=ko.local ko publish .", "ko publish: ko.local"),
            (
                "docker run --rm -v $HOME/c.json:/c.json quay.io/skopeo/stable:1 copy -a docker://a/b docker://ghcr.io/a/b",
                "skopeo copy: docker://ghcr.io/a/b",
            ),
            ("./gradlew -Djib.to.image=ghcr.io/a/b :bot:jib", "gradlew :bot:jib: ghcr.io/a/b"),
            ("mvn compile jib:build -Dimage=ghcr.io/a/b", "mvn jib:build: ghcr.io/a/b"),
        ] {
            assert_eq!(pushed(script).concat(), expected, "{script}");
        }
    }

    #[test]
    fn what_only_looks_like_a_push_is_none() {
        for script in [
            "echo docker push ghcr.io/a/b",
            "# docker push ghcr.io/a/b",
            "docker build -t ghcr.io/a/b .",
            "docker pull ghcr.io/a/b",
            "git push",
            "ko build --push=false .",
            "docker run --rm -v ./skopeo/x:/x alpine copy docker://ghcr.io/a/b",
            "./gradlew jibDockerBuild",
            "echo \"then: docker push; docker push x\"",
            "docker",
            "\\",
            "'",
        ] {
            assert_eq!(pushed(script), Vec::<String>::new(), "{script}");
        }
    }

    #[test]
    fn logins_are_known() {
        let is_login = |script: &str| commands(script).iter().any(Command::is_login);
        assert!(is_login("echo \"$T\" | docker login ghcr.io -u me --password-stdin"));
        assert!(is_login("helm registry login ghcr.io") && is_login("crane auth login ghcr.io"));
        assert!(!is_login("az login") && !is_login("docker logout"));
    }
}
