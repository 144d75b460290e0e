//! The actions that push, as `push_actions.txt` lists them.

/// The list; its head says what the columns are.
const LIST: &str = include_str!("push_actions.txt");

/// An action, or a reusable workflow, that pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushAction {
    /// What makes it push.
    pub when: When,
    /// Its inputs that name what is pushed, separated by commas.
    targets: &'static str,
    /// Where it pushes to.
    pub registry: Registry,
    /// Its input with the password of a login of its own.
    pub password: Option<&'static str>,
}

/// What makes an action push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It always does.
    Always,
    /// An input that is true.
    Input(&'static str),
    /// An input that is true, which it is by default.
    UnlessFalse(&'static str),
    /// An input that is true, and the action's own look at the event.
    ByItself(&'static str),
}

/// What tells an action's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// The targets.
    Targets,
    /// An input.
    Input(&'static str),
    /// It knows only this one.
    Fixed(&'static str),
}

impl PushAction {
    /// The action of a name, in lower case and without its revision.
    pub fn of(name: &str) -> Option<Self> {
        LIST.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let (known, rest) = line.split_once(' ')?;
            let is_it = known.strip_prefix('*').map_or(known == name, |end| name.ends_with(end));
            let columns: Vec<&str> = rest.split_whitespace().filter(|_| is_it).collect();
            let [when, targets, registry, password] = columns[..] else { return None };
            Some(Self {
                when: match (when.strip_prefix('+'), when.strip_prefix('?')) {
                    (Some(input), _) => When::UnlessFalse(input),
                    (_, Some(input)) => When::ByItself(input),
                    _ if when == "always" => When::Always,
                    _ => When::Input(when),
                },
                targets,
                registry: match registry.strip_prefix('=') {
                    Some(host) => Registry::Fixed(host),
                    None if registry == "-" => Registry::Targets,
                    None => Registry::Input(registry),
                },
                password: (password != "-").then_some(password),
            })
        })
    }

    /// Its inputs that name what is pushed.
    pub fn targets(self) -> impl Iterator<Item = &'static str> {
        self.targets.split(',')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_an_action() {
        for line in LIST.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split_whitespace().next().unwrap();
            assert!(PushAction::of(&name.replace('*', "any")).is_some(), "{line}");
            assert_eq!(name, name.to_lowercase());
        }
    }

    #[test]
    fn an_action_is_known_by_its_whole_name() {
        assert_eq!(PushAction::of("docker/build-push-action").unwrap().when, When::Input("push"));
        assert_eq!(PushAction::of("elgohr/publish-docker-github-action").unwrap().registry, Registry::Input("registry"));
        assert_eq!(PushAction::of("any/docker-build-push-action"), None);
        assert_eq!(PushAction::of("attest"), None);
    }
}
