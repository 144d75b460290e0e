//! Image names: what the `images` input may say.

use std::collections::BTreeSet;

use super::{Access, host::Registry};

/// The longest name that clients accept, in characters, without the registry
/// (distribution/reference `RepositoryNameTotalLengthMax`).
const LONGEST_NAME: usize = 255;

/// The longest tag, in characters (distribution specification).
const LONGEST_TAG: usize = 128;

/// The digests that registries know, with the length of their hexadecimal digits.
const DIGESTS: [(&str, usize); 2] = [("sha256:", 64), ("sha512:", 128)];

/// An image in the registry: `owner/name`, nested names included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    name: String,
    /// `:tag` or `@digest`.
    version: Option<String>,
}

/// Why an entry of `images` is not an image name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnImage {
    /// Nothing between the separators.
    #[error("is empty; write `owner/name`")]
    Nothing,
    /// A tag or a digest stands behind the name.
    #[error("has a tag or digest; write only `owner/name`")]
    TagOrDigest,
    /// What stands behind the name is neither.
    #[error("has an invalid tag or digest")]
    Version,
    /// The first component is a host, but not the registry's.
    #[error("is on another registry than `registry`")]
    OtherRegistry,
    /// The address of a page or a registry.
    #[error("is a URL; write only `owner/name`")]
    Url,
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
    /// Parses names separated by line breaks or commas. For [`Access::Public`] they may have a tag or a digest.
    ///
    /// # Errors
    /// The position of the first bad entry, counted from 1, and what is wrong with it.
    pub fn parse(text: &str, registry: &Registry, access: Access) -> Result<Self, (usize, NotAnImage)> {
        let (mut images, mut seen) = (Self { names: Vec::new(), lowered: false }, BTreeSet::new());
        let entries = text.split(['\n', ',']).map(|entry| entry.trim_matches([' ', '\t', '\r'])).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            let (name, version) = if access == Access::Public { split_version(entry) } else { (entry, None) };
            let image = Image::parse(name, registry).and_then(|image| image.with_version(version));
            let image = image.map_err(|problem| (index + 1, problem))?;
            images.lowered |= name.bytes().any(|byte| byte.is_ascii_uppercase());
            if seen.insert(format!("{}{}", image.name, image.version.as_deref().unwrap_or_default())) {
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
        if entry.contains("://") {
            return Err(NotAnImage::Url);
        }
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
        Ok(Self { name: path.to_owned(), version: None })
    }

    fn with_version(self, version: Option<&str>) -> Result<Self, NotAnImage> {
        if version.is_some_and(|version| !is_tag(version) && !is_digest(version)) {
            return Err(NotAnImage::Version);
        }
        Ok(Self { version: version.map(str::to_owned), ..self })
    }

    /// The repository name as the registry's URLs and scopes have it: `owner/name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag (`:v1`) or the digest (`@sha256:...`), as URLs have it: without the sign before it.
    pub fn version(&self) -> Option<&str> {
        Some(&self.version.as_ref()?[1..])
    }

    /// The first component: the user or organization that owns the package.
    pub fn owner(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }

    /// What follows the owner: GitHub's name of the package.
    pub fn package(&self) -> &str {
        self.name.split_once('/').map_or(&self.name, |(_, package)| package)
    }

    /// `registry/owner/name`, with its tag or digest.
    pub fn reference(&self, registry: &Registry) -> String {
        format!("{}/{}{}", registry.name(), self.name, self.version.as_deref().unwrap_or_default())
    }
}

/// A name, and the `:tag` or `@digest` behind it. A digest makes a tag before it count for nothing, as docker has it.
fn split_version(entry: &str) -> (&str, Option<&str>) {
    let (named, digest) = entry.find('@').map_or((entry, None), |at| (&entry[..at], Some(&entry[at..])));
    let component = named.rfind('/').map_or(0, |slash| slash + 1);
    let tag = named[component..].find(':').map(|colon| component + colon);
    let (name, tag) = tag.map_or((named, None), |colon| (&named[..colon], Some(&named[colon..])));
    (name, digest.or(tag))
}

/// `:[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`, from the distribution specification.
fn is_tag(version: &str) -> bool {
    let of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    version.strip_prefix(':').is_some_and(|tag| {
        tag.len() <= LONGEST_TAG
            && tag.bytes().next().is_some_and(of_word)
            && tag.bytes().all(|byte| of_word(byte) || matches!(byte, b'.' | b'-'))
    })
}

fn is_digest(version: &str) -> bool {
    let is_hex = |digits: &str| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    DIGESTS.iter().any(|(algorithm, length)| {
        let digits = version.strip_prefix('@').and_then(|digest| digest.strip_prefix(algorithm));
        digits.is_some_and(|digits| digits.len() == *length && is_hex(digits))
    })
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
        Images::parse(text, &registry, Access::Push).map(|images| images.names.iter().map(|image| image.name().to_owned()).collect())
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
            ("https://ghcr.io/acme/app", NotAnImage::Url),
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
    fn what_is_pulled_by_anybody_may_have_a_tag_or_a_digest() {
        let registry = Registry::parse("127.0.0.1:5000").unwrap();
        let parse = |text: &str| Images::parse(text, &registry, Access::Public).map(|mut images| images.names.remove(0));
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (text, name, version) in [
            ("acme/app".to_owned(), "acme/app", None),
            ("Acme/App:V1.0".to_owned(), "acme/app", Some("V1.0")),
            ("127.0.0.1:5000/acme/app:_x".to_owned(), "acme/app", Some("_x")),
            (format!("acme/app@{digest}"), "acme/app", Some(digest.as_str())),
            (format!("acme/app:v1@{digest}"), "acme/app", Some(digest.as_str())),
        ] {
            let image = parse(&text).unwrap();
            assert_eq!((image.name(), image.version()), (name, version), "{text}");
        }
        assert_eq!(parse("acme/app:v1").unwrap().reference(&registry), "127.0.0.1:5000/acme/app:v1");
        let long = format!("acme/app:{}", "a".repeat(LONGEST_TAG + 1));
        for text in ["acme/app:", "acme/app:.x", "acme/app:a b", "acme/app@", "acme/app@sha256:00", "acme/app:v1:2", &long, "acme/app:v1/x"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("acme/app:{}", "a".repeat(LONGEST_TAG))).is_ok());
        assert!(parse(&format!("acme/app@{}", digest.to_uppercase())).is_err());
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
