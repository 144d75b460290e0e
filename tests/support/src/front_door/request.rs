//! One recorded request.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::header::HeaderMap;
use hyper::http::request::Parts;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path; the authority for `CONNECT`, the whole URL for a request to a proxy.
    pub path: String,
    /// The query without `?`, empty when there is none.
    pub query: String,
    /// Header fields by lower-case name; repeated ones are joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The secret in `Authorization`: the password of Basic, the decoded bearer, or else the value as sent.
    pub credential: Option<String>,
    /// The status of the answer; 0 while it is unanswered and where it never gets a well-formed answer.
    pub status: u16,
    pub(super) authorization: Authorization,
}

/// The form of the `Authorization` header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Authorization {
    Absent,
    Basic,
    Bearer,
    /// Another scheme, or a value that is not base64 of text.
    Malformed,
}

impl Request {
    pub(super) fn new(head: &Parts) -> Self {
        let headers = joined(&head.headers);
        let (authorization, credential) = match headers.get("authorization") {
            Some(value) => decode(value),
            None => (Authorization::Absent, None),
        };
        let path = match (head.uri.authority(), head.uri.scheme()) {
            (Some(authority), None) => authority.to_string(),
            (Some(_), Some(_)) => head.uri.to_string(),
            (None, _) => head.uri.path().to_owned(),
        };
        Self {
            method: head.method.to_string(),
            path,
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers,
            credential,
            status: 0,
            authorization,
        }
    }

    /// `METHOD kind`, the key that [`script`](super::FrontDoor::script) uses.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, Target::of(&self.path).kind(&self.path))
    }

    /// The image in the scope that a token is asked for.
    pub(super) fn scope_image(&self) -> Option<String> {
        let scope = self.query.split('&').find_map(|pair| pair.strip_prefix("scope="))?.replace("%3A", ":").replace("%2F", "/");
        Some(scope.strip_prefix("repository:")?.rsplit_once(':')?.0.to_owned())
    }
}

fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        fields.entry(name.to_string()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
    }
    fields
}

fn decode(value: &str) -> (Authorization, Option<String>) {
    let (scheme, encoded) = value.split_once(' ').unwrap_or((value, ""));
    let plain = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match (scheme.to_ascii_lowercase().as_str(), plain) {
        ("basic", Some(pair)) => match pair.split_once(':') {
            Some((_, password)) => (Authorization::Basic, Some(password.to_owned())),
            None => (Authorization::Malformed, Some(pair)),
        },
        ("bearer", Some(token)) => (Authorization::Bearer, Some(token)),
        _ => (Authorization::Malformed, Some(value.to_owned())),
    }
}

/// What a path stands for in the registry's API.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Target<'a> {
    Base,
    Blob(&'a str),
    Manifest(&'a str),
    Other,
    Tags(&'a str),
    Token,
    /// An open upload session.
    Upload(&'a str),
    /// The place where sessions are opened.
    Uploads(&'a str),
}

impl<'a> Target<'a> {
    pub(super) fn of(path: &'a str) -> Self {
        match path {
            "/token" => return Self::Token,
            "/v2" | "/v2/" => return Self::Base,
            _ => {}
        }
        let Some(rest) = path.strip_prefix("/v2/") else {
            return Self::Other;
        };
        if let Some(name) = rest.strip_suffix("/blobs/uploads/").or(rest.strip_suffix("/blobs/uploads")) {
            return Self::Uploads(name);
        }
        let name_before = |mark| rest.rsplit_once(mark).map(|(name, _)| name);
        let upload = name_before("/blobs/uploads/").or_else(|| name_before("/blobs/upload/"));
        upload
            .map(Self::Upload)
            .or_else(|| name_before("/blobs/").map(Self::Blob))
            .or_else(|| name_before("/manifests/").map(Self::Manifest))
            .or_else(|| rest.strip_suffix("/tags/list").map(Self::Tags))
            .unwrap_or(Self::Other)
    }

    pub(super) fn image(&self) -> Option<&'a str> {
        match self {
            Self::Blob(name) | Self::Manifest(name) | Self::Tags(name) | Self::Upload(name) | Self::Uploads(name) => Some(name),
            Self::Base | Self::Other | Self::Token => None,
        }
    }

    fn kind<'b>(&self, path: &'b str) -> &'b str {
        match self {
            Self::Base => "/v2/",
            Self::Blob(_) => "blob",
            Self::Manifest(_) => "manifest",
            Self::Other => path,
            Self::Tags(_) => "tags",
            Self::Token => "/token",
            Self::Upload(_) => "upload",
            Self::Uploads(_) => "uploads",
        }
    }
}
