//! What a script pushes, by itself or by the makefiles and scripts of the repository that it runs.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    command::Runs,
    composite::Reader,
    ghcr::{Target, is_named},
    shell::{Command, commands},
};

/// How far scripts are followed into other files, and how many of these are read for one script.
const DEEPEST: usize = 3;
const MOST_FILES: usize = 20;

/// The most variables of a script whose values are filled in, and up to which length a text has them filled in.
const MOST_VARIABLES: usize = 100;
const LONGEST: usize = 4096;

/// Takes bytes out of the budget for what is filled in: a variable in a variable would else grow without end.
pub type Spend<'s> = &'s dyn Fn(usize) -> bool;

/// The most lines that may all be parts of one command that copies.
const MOST_COPIED: usize = 100;

/// A command that pushes.
#[derive(Clone, Debug)]
pub struct ScriptPush {
    /// The command's name for it: `docker push`.
    pub what: String,
    /// The names that it pushes.
    pub names: Vec<String>,
    /// Whether the script names GHCR: variables that nobody knows lead there.
    pub is_of_ghcr: bool,
    /// Whether the script decides if it happens.
    pub is_conditional: bool,
    /// The first line of the command in the script at hand.
    pub first: Rc<str>,
}

impl ScriptPush {
    /// Where it goes, as far as the scripts tell.
    pub fn target(&self) -> Target {
        match Target::of_names(&self.names) {
            Target::Unknown if self.is_of_ghcr => Target::Ghcr,
            target => target,
        }
    }
}

/// What a script pushes, its known variables filled in.
pub fn pushes(script: &str, read: Reader<'_>, spend: Spend<'_>) -> Vec<ScriptPush> {
    let mut files = MOST_FILES;
    within(script, read, spend, DEEPEST, &mut files)
}

fn within(script: &str, read: Reader<'_>, spend: Spend<'_>, depth: usize, files: &mut usize) -> Vec<ScriptPush> {
    let assignments = assignments(script, spend);
    let naming = naming(script);
    let mut found = Vec::new();
    for command in commands(script) {
        if let Some(pushing) = command.pushing() {
            let targets = pushing.targets.iter().filter(|word| !word.starts_with('-'));
            let names: Vec<String> = targets.map(|name| filled_in(name, &assignments, spend)).collect();
            found.push(ScriptPush {
                what: pushing.what,
                names,
                is_of_ghcr: is_named_beside(&naming, &command),
                is_conditional: command.is_conditional,
                first: Rc::clone(&command.first),
            });
        } else if let Some(text) = followed(&command, read, files).filter(|_| depth > 0) {
            let inner = within(&text, read, spend, depth - 1, files);
            found.extend(inner.into_iter().map(|push| ScriptPush {
                is_conditional: push.is_conditional || command.is_conditional,
                first: Rc::clone(&command.first),
                ..push
            }));
        }
    }
    found
}

/// The lines of a script that name GHCR, each once.
fn naming(script: &str) -> BTreeSet<&str> {
    script.lines().filter(|line| is_named(line)).map(|line| line.trim().trim_end_matches('\\').trim_end()).collect()
}

/// Whether one of these is no part of a command that copies: what such a part names may be where an image comes from.
fn is_named_beside(naming: &BTreeSet<&str>, command: &Command) -> bool {
    !naming.is_empty() && (!command.copies() || naming.len() > MOST_COPIED || !naming.iter().all(|line| command.line.contains(line)))
}

/// The first values that a script gives to variables, in the order of the names' lengths, longest first.
fn assignments(script: &str, spend: Spend<'_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in script.lines() {
        if found.len() >= MOST_VARIABLES {
            break;
        }
        let line = line.trim().trim_start_matches("export ").trim_start_matches("local ").trim_start_matches("readonly ");
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_plain = !value.is_empty() && !value.contains(['`', '(', ' ', '"']);
        if is_name && is_plain && found.iter().all(|(known, _)| known != name) {
            let value = filled_in(value, &found, spend);
            found.push((name.to_owned(), value));
        }
    }
    found.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    found
}

fn filled_in(text: &str, assignments: &[(String, String)], spend: Spend<'_>) -> String {
    let mut text = text.to_owned();
    for (name, value) in assignments {
        if !text.contains('$') || text.len() >= LONGEST {
            break;
        }
        for reference in [format!("${{{name}}}"), format!("${name}")] {
            let more = text.matches(&reference).count() * value.len();
            if more > 0 && spend(more) {
                text = text.replace(&reference, value);
            }
        }
    }
    text
}

/// The text of what a command runs, where the file can be read.
fn followed(command: &Command, read: Reader<'_>, files: &mut usize) -> Option<String> {
    let runs = command.runs()?;
    *files = files.checked_sub(1)?;
    match runs {
        Runs::Script(path) => read(path.trim_start_matches("./")),
        Runs::Make { directory, file, targets } => {
            let names = file.as_deref().map_or(vec!["GNUmakefile", "makefile", "Makefile"], |file| vec![file]);
            let text = names.into_iter().find_map(|name| read(&format!("{}{name}", directory.trim_start_matches("./"))))?;
            Some(recipes(&text, &targets))
        }
    }
}

/// The recipes of some targets of a makefile, those of what they need first, as a script.
fn recipes(makefile: &str, targets: &[String]) -> String {
    let mut rules = rules(makefile);
    let mut wanted: Vec<&str> = targets.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted.extend(rules.iter().flat_map(|rule| rule.names.iter().copied()).find(|name| !name.starts_with('.')));
    }
    let (mut script, mut done) = (String::new(), Vec::new());
    while let Some(target) = wanted.pop().filter(|_| done.len() < MOST_FILES) {
        if done.contains(&target) {
            continue;
        }
        done.push(target);
        for rule in rules.iter_mut().filter(|rule| rule.names.contains(&target)) {
            // What targets share is looked at once.
            wanted.append(&mut rule.needs);
            script.extend(rule.recipe.drain(..).flat_map(|line| [line, "\n"]));
        }
    }
    let is_variable = |line: &&str| !line.starts_with(['\t', '#']) && line.contains('=');
    let variables = makefile.lines().filter(is_variable).filter_map(|line| line.split_once('='));
    let head: String = variables
        .map(|(name, value)| format!("{}={}\n", name.trim_end_matches([' ', '?', ':', '+']).trim_start_matches("export "), value.trim()))
        .collect();
    as_shell(&(head + &script))
}

/// A rule of a makefile.
struct Rule<'m> {
    names: Vec<&'m str>,
    needs: Vec<&'m str>,
    recipe: Vec<&'m str>,
}

fn rules(makefile: &str) -> Vec<Rule<'_>> {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    for line in makefile.lines() {
        if let Some(recipe) = line.strip_prefix('\t') {
            rules.last_mut().into_iter().for_each(|rule| rule.recipe.push(recipe.trim_start_matches(['@', '-', '+'])));
        } else if let Some((names, needs)) =
            line.split_once(':').filter(|(names, rest)| !rest.starts_with('=') && !names.contains(['=', '#']))
        {
            let needs = needs.trim_start_matches(':').split_whitespace();
            let needs = needs.take_while(|need| !need.starts_with('#')).collect();
            rules.push(Rule { names: names.split_whitespace().collect(), needs, recipe: Vec::new() });
        }
    }
    rules
}

/// Make's `$(NAME)` and `$$NAME` as the shell's variables.
fn as_shell(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        whole += before;
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        match after[end..].strip_prefix(')') {
            Some(left) if end > 0 => {
                whole += &format!("${{{}}}", &after[..end]);
                rest = left;
            }
            _ => {
                whole += "$(";
                rest = after;
            }
        }
    }
    (whole + rest).replace("$$", "$")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::workflow::{MOST_FILLED_IN, take};

    fn shown(script: &str, files: &[(&str, &str)]) -> Vec<String> {
        let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
        let push = |push: ScriptPush| {
            format!("{} {:?} {}{}", push.what, push.target(), push.names.join(" "), if push.is_conditional { " if" } else { "" })
        };
        pushes(script, &read, &|_| true).into_iter().map(push).collect()
    }

    #[test]
    fn a_variable_of_the_script_is_filled_in() {
        let script = "IMAGE=ghcr.io/acme/app\nTAG=$(date)\ndocker tag x $IMAGE\ndocker push \"$IMAGE:$TAG\"\n";
        assert_eq!(shown(script, &[]), ["docker push Ghcr ghcr.io/acme/app:$TAG"]);
        assert_eq!(shown("R=quay.io/acme\necho ghcr.io\ndocker push ${R}/app", &[]), ["docker push Elsewhere quay.io/acme/app"]);
        assert_eq!(shown("docker push $NAME", &[]), ["docker push Unknown $NAME"]);
        assert_eq!(shown("docker push quay.io/${{ github.repository }}", &[]), ["docker push Elsewhere quay.io/${{ github.repository }}"]);
    }

    #[test]
    fn what_is_filled_in_stays_within_one_budget() {
        let script = format!("A={}\nB={}\nC={}\n", "x".repeat(200), "$A".repeat(200), "$B".repeat(200));
        let length = |script: &str| {
            let left = Cell::new(MOST_FILLED_IN);
            pushes(script, &|_| None, &|bytes| take(&left, bytes))[0].names[0].len()
        };
        assert_eq!(length(&format!("{}docker push $B", script.split("C=").next().unwrap())), 200 * 200);
        assert!(length(&format!("{script}docker push $C")) < MOST_FILLED_IN);
    }

    #[test]
    fn what_a_script_copies_from_ghcr_does_not_tell_where_it_goes() {
        let copy = "docker buildx imagetools create \\\n  ghcr.io/acme/app:1 \\\n  --tag ${{ env.R }}/app:1";
        assert_eq!(shown(copy, &[]), ["docker buildx imagetools create Unknown ${{ env.R }}/app:1"]);
        assert_eq!(shown("crane copy ghcr.io/a/b $TO", &[]), ["crane copy Unknown $TO"]);
        let known = "TO=$(printf ghcr.io/a/b)\ncrane copy quay.io/a/b $TO";
        assert_eq!(shown(known, &[]), ["crane copy Ghcr $TO"]);
        let again = "crane copy ghcr.io/a/b $TO\n".repeat(3000);
        assert_eq!((naming(&again).len(), shown(&again, &[]).len()), (1, 3000), "each line is looked for once");
    }

    #[test]
    fn a_push_under_a_condition_of_the_script_is_told_from_one_without() {
        let script = "if [ $X ]; then\n  docker push ghcr.io/a/b\nfi\ndocker push ghcr.io/a/c\n[[ $Y ]] && docker push ghcr.io/a/d\n";
        let expected = ["docker push Ghcr ghcr.io/a/b if", "docker push Ghcr ghcr.io/a/c", "docker push Ghcr ghcr.io/a/d if"];
        assert_eq!(shown(script, &[]), expected);
        assert_eq!(shown("if [ $X ]; then exit 0; fi\ndocker push ghcr.io/a/b", &[]), ["docker push Ghcr ghcr.io/a/b if"]);
        assert_eq!(shown("if [ ! $X ]; then exit 1; fi\ndocker push ghcr.io/a/b", &[]), ["docker push Ghcr ghcr.io/a/b"]);
        assert_eq!(shown("if docker push ghcr.io/a/b; then echo; fi", &[]), ["docker push Ghcr ghcr.io/a/b"]);
    }

    #[test]
    fn makefiles_and_scripts_are_followed_where_they_can_be_read() {
        let makefile =
            "IMG ?= ghcr.io/acme/app\nall: push\nbuild: ## not all\n\tdocker build .\npush: build\n\t@docker push $(IMG):$$TAG\n";
        let files = [
            ("Makefile", makefile),
            ("ci/push.sh", "#!/bin/sh\nmake push\n"),
            ("sub/Makefile", "go:\n\tskopeo copy a docker://ghcr.io/x/y\n"),
        ];
        assert_eq!(shown("make push", &files), ["docker push Ghcr ghcr.io/acme/app:$TAG"]);
        assert_eq!(shown("make", &files), ["docker push Ghcr ghcr.io/acme/app:$TAG"]);
        assert_eq!(shown("make build", &files), Vec::<String>::new());
        assert_eq!(shown("./ci/push.sh", &files), ["docker push Ghcr ghcr.io/acme/app:$TAG"]);
        assert_eq!(shown("make -C sub go", &files), ["skopeo copy Ghcr docker://ghcr.io/x/y"]);
        assert_eq!(shown("make -C other push && ./none.sh", &files), Vec::<String>::new());
    }

    #[test]
    fn what_targets_of_a_makefile_share_is_looked_at_once() {
        let targets: Vec<String> = (0..20).map(|number| format!("t{number}")).collect();
        let makefile = format!("{}: {}\n{}", targets.join(" "), "need ".repeat(100), "\tdocker push ghcr.io/a/b\n".repeat(100));
        assert!(recipes(&makefile, &targets).len() < makefile.len());
        assert_eq!(shown("make t3 t4", &[("Makefile", &makefile)]).len(), 100);
    }

    #[test]
    fn files_that_run_each_other_end() {
        let files = [("a.sh", "./a.sh\n./a.sh\n"), ("Makefile", "a: a\n\tmake a\n")];
        assert_eq!(shown("./a.sh && make a", &files), Vec::<String>::new());
    }
}
