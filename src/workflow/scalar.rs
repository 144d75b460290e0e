//! The pieces of a YAML line: keys, properties, and where quotes and brackets end.

/// Removes anchors and tags before a value or key.
pub(super) fn without_properties(mut content: &str) -> &str {
    while content.starts_with(['&', '!']) {
        content = content.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    content
}

/// What a line, or what is left of it, begins with.
#[derive(Debug, PartialEq)]
pub(super) enum Beginning<'a> {
    /// A key, and what follows its colon.
    Key(String, &'a str),
    /// A value.
    Value,
    /// A key of a shape that is not read here.
    Unknown,
}

impl<'a> Beginning<'a> {
    /// Tells a key from a value.
    pub(super) fn of(content: &'a str) -> Self {
        let key = match content.chars().next() {
            Some('"' | '\'') => split_quoted_key(content),
            Some('[' | '{' | '|' | '>') | None => None,
            Some(_) => split_plain_key(content),
        };
        match key {
            Some((key, _)) if content.starts_with('"') && key.contains('\\') => Self::Unknown,
            Some((key, value)) => Self::Key(key, value),
            None => Self::Value,
        }
    }
}

fn split_plain_key(content: &str) -> Option<(String, &str)> {
    let ends_key = |(at, _): &(usize, &str)| content[at + 1..].chars().next().is_none_or(char::is_whitespace);
    let (at, _) = content.match_indices(':').find(ends_key)?;
    let key = without_properties(&content[..at]).trim_end();
    (!key.contains(" #")).then(|| (key.to_owned(), &content[at + 1..]))
}

fn split_quoted_key(content: &str) -> Option<(String, &str)> {
    let quote = content.chars().next()?;
    let end = content[1..].find(quote)? + 1;
    let value = content[end + 1..].trim_start().strip_prefix(':')?;
    let is_key = value.is_empty() || value.starts_with(char::is_whitespace);
    is_key.then(|| (content[1..end].to_owned(), value))
}

/// How deep in quotes and brackets a flow is.
#[derive(Debug, Default)]
pub(super) struct Flow {
    quote: Option<char>,
    depth: usize,
}

impl Flow {
    /// Goes on over a line; whether everything that was opened is closed at its end.
    pub(super) fn ends_in(&mut self, line: &str) -> bool {
        let mut characters = line.chars().peekable();
        let mut before = ' ';
        while let Some(character) = characters.next() {
            match (self.quote, character) {
                (Some('"'), '\\') => {
                    characters.next();
                }
                (Some('\''), '\'') if characters.peek() == Some(&'\'') => {
                    characters.next();
                }
                (Some(quote), _) if quote == character => self.quote = None,
                (None, '#') if before.is_whitespace() => break,
                (None, '"' | '\'') if !before.is_alphanumeric() => self.quote = Some(character),
                (None, '[' | '{') => self.depth += 1,
                (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
                (Some(_) | None, _) => {}
            }
            before = character;
        }
        self.quote.is_none() && self.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_at_the_first_colon_before_a_blank() {
        for (line, key) in [
            ("on: push", Some("on")),
            ("'on': push", Some("on")),
            ("\"on\" : push", Some("on")),
            ("a:b:", Some("a:b")),
            ("&x build:", Some("build")),
            ("docker push ghcr.io/acme/app:latest", None),
            ("text # no: key", None),
            ("{a: b}", None),
            ("'text'", None),
        ] {
            let found = match Beginning::of(line) {
                Beginning::Key(key, _) => Some(key),
                Beginning::Value | Beginning::Unknown => None,
            };
            assert_eq!(found.as_deref(), key, "{line}");
        }
        assert_eq!(Beginning::of(r#""o\x6e": push"#), Beginning::Unknown, "escapes are not undone");
    }

    #[test]
    fn a_flow_ends_where_quotes_and_brackets_are_closed() {
        assert!(Flow::default().ends_in("[a, 'b]', {c: \"]\\\"\"}] # ["));
        assert!(!Flow::default().ends_in("'it''s"));
        let mut flow = Flow::default();
        assert!(!flow.ends_in("{ a: b,"));
        assert!(flow.ends_in("  c: it's }"));
    }
}
