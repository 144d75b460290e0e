//! The grammar of expressions (<https://docs.github.com/actions/reference/workflows-and-actions/expressions>).

/// The deepest nesting that is read; GitHub's own limit.
const DEEPEST: usize = 50;

/// The most operators that are read; a chain of them is as deep as it is long.
const MOST_OPERATORS: usize = 500;

/// The operators between two values, those first that bind the least.
const OPERATORS: [&[&str]; 3] = [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">"]];

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// `github.event.action`; names in lower case, `*` for a wildcard or an index that is not a literal.
    Property(Vec<String>),
    Call(String, Vec<Self>),
    Not(Box<Self>),
    /// One of [`OPERATORS`] between two values.
    Binary(&'static str, Box<Self>, Box<Self>),
}

/// Reads an expression; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser { rest: text, depth: 0, operators: 0 };
    let tree = parser.expression()?;
    parser.rest.trim().is_empty().then_some(tree)
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    operators: usize,
}

impl<'a> Parser<'a> {
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.strip_prefix(token).map(|rest| self.rest = rest).is_some()
    }

    fn expression(&mut self) -> Option<Tree> {
        self.depth += 1;
        let tree = if self.depth <= DEEPEST { self.binary(&OPERATORS)? } else { return None };
        self.depth -= 1;
        Some(tree)
    }

    /// A chain of operators that bind as the first of these levels do, or closer.
    fn binary(&mut self, levels: &[&[&'static str]]) -> Option<Tree> {
        let Some((operators, closer)) = levels.split_first() else { return self.unary() };
        let mut tree = self.binary(closer)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            self.operators += 1;
            tree = Tree::Binary(operator, Box::new(tree), Box::new(self.binary(closer)?));
            if self.operators > MOST_OPERATORS {
                return None;
            }
        }
        Some(tree)
    }

    fn unary(&mut self) -> Option<Tree> {
        let mut negations = 0_usize;
        while self.take("!") {
            negations += 1;
        }
        let tree = self.primary()?;
        Some(match negations {
            0 => tree,
            _ if negations.is_multiple_of(2) => Tree::Not(Box::new(Tree::Not(Box::new(tree)))),
            _ => Tree::Not(Box::new(tree)),
        })
    }

    fn primary(&mut self) -> Option<Tree> {
        if self.take("(") {
            let tree = self.expression()?;
            return self.take(")").then_some(tree).and_then(|tree| self.selected(tree));
        }
        if self.take("'") {
            return self.string();
        }
        let word = self.word()?;
        if let Ok(number) = word.parse::<f64>() {
            return Some(Tree::Number(number));
        }
        match word {
            "true" => Some(Tree::Bool(true)),
            "false" => Some(Tree::Bool(false)),
            "null" => Some(Tree::Null),
            _ if self.take("(") => {
                let call = Tree::Call(word.to_ascii_lowercase(), self.arguments()?);
                self.selected(call)
            }
            _ => self.property(vec![word.to_ascii_lowercase()]),
        }
    }

    fn string(&mut self) -> Option<Tree> {
        let mut text = String::new();
        loop {
            let (piece, rest) = self.rest.split_once('\'')?;
            text.push_str(piece);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(rest) => self.rest = rest,
                None => return Some(Tree::Text(text)),
            }
            text.push('\'');
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        let starts_number = self.rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || (starts_number && matches!(c, '.' | '+'));
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn arguments(&mut self) -> Option<Vec<Tree>> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Some(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.take(")") {
                return Some(arguments);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn property(&mut self, mut names: Vec<String>) -> Option<Tree> {
        loop {
            if self.take(".") {
                let name = if self.take("*") { "*" } else { self.word()? };
                names.push(name.to_ascii_lowercase());
            } else if self.take("[") {
                let index = self.expression()?;
                names.push(if let Tree::Text(name) = index { name.to_ascii_lowercase() } else { "*".to_owned() });
                self.take("]").then_some(())?;
            } else {
                return Some(Tree::Property(names));
            }
        }
    }

    /// `fromJSON(x).y` and the like: what is selected from a result is not known.
    fn selected(&mut self, tree: Tree) -> Option<Tree> {
        if !self.rest.trim_start().starts_with(['.', '[']) {
            return Some(tree);
        }
        self.property(vec!["*".to_owned()])
    }
}
