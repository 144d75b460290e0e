//! Image names: what the `images` input may say.

use super::host::Registry;

/// The longest name that clients accept, in characters, without the registry
/// (distribution/reference `RepositoryNameTotalLengthMax`).
const LONGEST_NAME: usize = 255;

/// An image in the registry: `owner/name`, nested names included, without tag or digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image(String);

/// Why an entry of `images` is not an image name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnImage {
    /// Nothing between the separators.
    #[error("names no image; write `owner/name`")]
    Nothing,
    /// A tag or a digest stands behind the name.
    #[error("has a tag or a digest; write only `owner/name`, tags belong to the build step")]
    TagOrDigest,
    /// The first component is a host, but not the registry's.
    #[error("names another registry than the `registry` input")]
    OtherRegistry,
    /// `name` alone.
    #[error("has no owner; write `owner/name`")]
    NoOwner,
    /// Over the limit.
    #[error("is longer than 255 characters")]
    TooLong,
    /// Outside the grammar of the distribution specification.
    #[error("is not an image name: only a-z, 0-9 and single `.`, `_`, `-` between them are allowed in each part")]
    Grammar,
}

/// The entries of the `images` input, in order and without repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// At least one.
    pub names: Vec<Image>,
    /// Whether an entry had upper-case letters, which registries refuse.
    pub lowered: bool,
}

impl Images {
    /// Parses names separated by line breaks or commas.
    ///
    /// # Errors
    /// The position of the first bad entry, counted from 1, and what is wrong with it.
    pub fn parse(text: &str, registry: &Registry) -> Result<Self, (usize, NotAnImage)> {
        let mut images = Self { names: Vec::new(), lowered: false };
        let entries = text.split(['\n', ',']).map(|entry| entry.trim_matches([' ', '\t', '\r'])).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            let image = Image::parse(entry, registry).map_err(|problem| (index + 1, problem))?;
            images.lowered |= entry.bytes().any(|byte| byte.is_ascii_uppercase());
            if !images.names.contains(&image) {
                images.names.push(image);
            }
        }
        if images.names.is_empty() { Err((1, NotAnImage::Nothing)) } else { Ok(images) }
    }
}

impl Image {
    /// Parses `owner/name` or `registry/owner/name` and lower-cases it.
    ///
    /// # Errors
    /// What is wrong with the entry.
    pub fn parse(entry: &str, registry: &Registry) -> Result<Self, NotAnImage> {
        let entry = entry.to_ascii_lowercase();
        let path = match entry.split_once('/') {
            Some((host, path)) if is_host(host) && host == registry.name() => path,
            Some((host, _)) if is_host(host) => return Err(NotAnImage::OtherRegistry),
            _ => &entry,
        };
        if path.contains([':', '@']) {
            return Err(NotAnImage::TagOrDigest);
        }
        if path.len() > LONGEST_NAME {
            return Err(NotAnImage::TooLong);
        }
        if !path.split('/').all(is_component) {
            return Err(NotAnImage::Grammar);
        }
        if !path.contains('/') {
            return Err(NotAnImage::NoOwner);
        }
        Ok(Self(path.to_owned()))
    }

    /// The repository name as the registry's URLs and scopes have it: `owner/name`.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The first component: the user or organisation that owns the package.
    pub fn owner(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// What follows the owner: GitHub's name of the package.
    pub fn package(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, package)| package)
    }

    /// `registry/owner/name`.
    pub fn reference(&self, registry: &Registry) -> String {
        format!("{}/{}", registry.name(), self.0)
    }
}

/// Whether docker reads a first component as a host (distribution/reference `splitDockerDomain`).
fn is_host(component: &str) -> bool {
    component == "localhost" || component.contains(['.', ':'])
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, from the distribution specification.
fn is_component(component: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = component.split(|c: char| c.is_ascii() && alphanumeric(c as u8)).filter(|separator| !separator.is_empty());
    let bounded = |byte: Option<&u8>| byte.is_some_and(|byte| alphanumeric(*byte));
    bounded(component.as_bytes().first())
        && bounded(component.as_bytes().last())
        && separators.into_iter().all(|separator| matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<String>, (usize, NotAnImage)> {
        let registry = Registry::parse("ghcr.io").unwrap();
        Images::parse(text, &registry).map(|images| images.names.iter().map(|image| image.name().to_owned()).collect())
    }

    #[test]
    fn lists_keep_their_order_and_drop_repetitions() {
        assert_eq!(parse("acme/web, ghcr.io/acme/app/cache\nACME/web\n\n"), Ok(vec!["acme/web".into(), "acme/app/cache".into()]));
    }

    #[test]
    fn every_bad_entry_is_named_by_its_position() {
        for (text, problem) in [
            (" , \n", NotAnImage::Nothing),
            ("acme/app:v1", NotAnImage::TagOrDigest),
            ("acme/app@sha256:00", NotAnImage::TagOrDigest),
            ("ghcr.io:443/acme/app", NotAnImage::OtherRegistry),
            ("docker.io/acme/app", NotAnImage::OtherRegistry),
            ("localhost/acme/app", NotAnImage::OtherRegistry),
            ("https://ghcr.io/acme/app", NotAnImage::OtherRegistry),
            ("app", NotAnImage::NoOwner),
            ("ghcr.io/app", NotAnImage::NoOwner),
            ("acme//app", NotAnImage::Grammar),
            ("acme/../app", NotAnImage::Grammar),
            ("acme/app/", NotAnImage::Grammar),
            ("/acme/app", NotAnImage::Grammar),
            ("acme/a b", NotAnImage::Grammar),
            ("acme/.github", NotAnImage::Grammar),
            ("acme/a._b", NotAnImage::Grammar),
            ("acmé/app", NotAnImage::Grammar),
            ("${{ github.repository }}", NotAnImage::Grammar),
        ] {
            assert_eq!(parse(text), Err((1, problem)), "{text:?}");
        }
        assert_eq!(parse("acme/app\n::set-output name=push::true"), Err((2, NotAnImage::TagOrDigest)));
    }

    #[test]
    fn separators_follow_the_distribution_grammar() {
        for component in ["a", "a.b", "a_b", "a__b", "a-b", "a---b", "0"] {
            assert!(is_component(component), "{component}");
        }
        for component in ["", "-a", "a-", "a..b", "a___b", "a.-b", "A", "é"] {
            assert!(!is_component(component), "{component}");
        }
    }

    #[test]
    fn a_name_may_have_255_characters() {
        assert!(parse(&format!("acme/{}", "a".repeat(250))).is_ok());
        assert_eq!(parse(&format!("acme/{}", "a".repeat(251))), Err((1, NotAnImage::TooLong)));
    }
}
