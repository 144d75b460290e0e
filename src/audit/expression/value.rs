//! Values, known and unknown.

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, or a property that the event does not have.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A string that is not empty, of which only the beginning is known.
    Beginning(String),
    /// The identity of a stranger's repository or its owner: equal to none that a file could name.
    Stranger,
    /// An object that is there.
    Object,
    /// A list of strings.
    List(Vec<String>),
    /// Not known, and it may well be what lets the step run for anybody.
    Open,
    /// Not known, and decided elsewhere.
    Hidden,
}

/// Whether something happens; what is less sure to happen for anybody comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does.
    Yes,
    /// It may, for anybody.
    Open,
    /// It is decided elsewhere.
    Hidden,
    /// It does not.
    No,
}

impl Truth {
    /// Whether both happen.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether one of both happens.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether it does not happen.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown => unknown,
        }
    }

    /// Whether nothing known keeps it from happening for anybody.
    pub const fn is_unguarded(self) -> bool {
        matches!(self, Self::Yes | Self::Open)
    }
}

impl From<Truth> for Value {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Bool(true),
            Truth::No => Self::Bool(false),
            Truth::Open => Self::Open,
            Truth::Hidden => Self::Hidden,
        }
    }
}

impl From<bool> for Truth {
    fn from(happens: bool) -> Self {
        if happens { Self::Yes } else { Self::No }
    }
}

impl Value {
    /// The value as a condition; any string that is not empty is true.
    pub fn truth(&self) -> Truth {
        match self {
            Self::Null => Truth::No,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => (*value != 0.0 && !value.is_nan()).into(),
            Self::Text(text) => (!text.is_empty()).into(),
            Self::Beginning(_) | Self::Stranger | Self::Object | Self::List(_) => Truth::Yes,
            Self::Open => Truth::Open,
            Self::Hidden => Truth::Hidden,
        }
    }

    /// The value as an action's boolean input: `true`, or not.
    pub fn as_input(&self) -> Truth {
        match self {
            Self::Open => Truth::Open,
            Self::Hidden | Self::Beginning(_) => Truth::Hidden,
            known => known.text().is_ok_and(|text| text.trim().eq_ignore_ascii_case("true")).into(),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// The value that the whole text has when this is not known.
    pub fn text(&self) -> Result<String, Self> {
        match self {
            Self::Null => Ok(String::new()),
            Self::Bool(value) => Ok(value.to_string()),
            Self::Number(value) => Ok(value.to_string()),
            Self::Text(text) => Ok(text.clone()),
            Self::Object | Self::List(_) => Ok("Object".to_owned()),
            Self::Beginning(_) | Self::Stranger | Self::Hidden => Err(Self::Hidden),
            Self::Open => Err(Self::Open),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Number(value) => Some(*value),
            Self::Text(text) if text.trim().is_empty() => Some(0.0),
            Self::Text(text) => Some(text.trim().parse().unwrap_or(f64::NAN)),
            _ => None,
        }
    }

    /// `==`, which ignores case and turns values of two types into numbers.
    pub fn equals(&self, other: &Self) -> Truth {
        match (self, other) {
            (Self::Stranger, _) | (_, Self::Stranger) => Truth::No,
            (Self::Hidden, _) | (_, Self::Hidden) => Truth::Hidden,
            (Self::Open, _) | (_, Self::Open) | (Self::Beginning(_), Self::Beginning(_)) => Truth::Open,
            (Self::Beginning(beginning), Self::Text(text)) | (Self::Text(text), Self::Beginning(beginning)) => {
                if !text.is_empty() && starts_with(text, beginning) { Truth::Open } else { Truth::No }
            }
            (Self::Text(one), Self::Text(two)) => one.to_lowercase().eq(&two.to_lowercase()).into(),
            (one, two) => match (one.number(), two.number()) {
                (Some(one), Some(two)) => (one.total_cmp(&two).is_eq() && !one.is_nan()).into(),
                _ => Truth::No,
            },
        }
    }

    /// `startsWith`.
    pub fn begins_with(&self, prefix: &Self) -> Truth {
        match (self, prefix.text()) {
            (Self::Beginning(beginning), Ok(prefix)) if starts_with(beginning, &prefix) => Truth::Yes,
            (Self::Beginning(beginning), Ok(prefix)) if starts_with(&prefix, beginning) => Truth::Open,
            (Self::Beginning(_), Ok(_)) => Truth::No,
            (text, Ok(prefix)) => known(text.text(), |text| starts_with(&text, &prefix)),
            (_, Err(unknown)) => unknown.truth(),
        }
    }

    /// `contains`.
    pub fn includes(&self, item: &Self) -> Truth {
        if let Self::List(items) = self {
            return items.iter().fold(Truth::No, |found, text| found.or(item.equals(&Self::Text(text.clone()))));
        }
        match item.text() {
            Ok(item) => known(self.text(), |text| text.to_lowercase().contains(&item.to_lowercase())),
            Err(unknown) if self.text().is_ok() || *self == Self::Open => unknown.truth(),
            Err(_) => Truth::Hidden,
        }
    }
}

fn known(text: Result<String, Value>, holds: impl FnOnce(String) -> bool) -> Truth {
    text.map_or_else(|unknown| unknown.truth(), |text| holds(text).into())
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.to_lowercase().starts_with(&prefix.to_lowercase())
}
