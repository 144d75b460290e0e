//! What is read of an event: the fields, and where each stands in event.json.

/// The types of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`
    Boolean,
    /// A number without fraction or exponent.
    Integer,
    /// A string.
    Text,
    /// An object.
    Object,
}

/// Declares what is read of an event: a name, the type, and the keys that lead there.
macro_rules! fields {
    ($($name:ident: $kind:ident = $($key:literal).+;)+) => {
        /// What is read of an event. Nothing else of it is kept, and a key on the way to one of these is given only once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = concat!($("`", $key, "` "),+)] $name,)+
        }

        impl Field {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The keys that lead to it.
            pub const fn path(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($key),+],)+
                }
            }

            /// The type that it has to have.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)+
                }
            }
        }
    };
}

fields! {
    Action: Text = "action";
    Deleted: Boolean = "deleted";
    Ref: Text = "ref";
    Repository: Object = "repository";
    RepositoryFork: Boolean = "repository"."fork";
    RepositoryId: Integer = "repository"."id";
    RepositoryName: Text = "repository"."full_name";
    OwnerType: Text = "repository"."owner"."type";
    SenderLogin: Text = "sender"."login";
    PullRequest: Object = "pull_request";
    Merged: Boolean = "pull_request"."merged";
    AuthorLogin: Text = "pull_request"."user"."login";
    HeadRef: Text = "pull_request"."head"."ref";
    HeadRepository: Object = "pull_request"."head"."repo";
    HeadRepositoryId: Integer = "pull_request"."head"."repo"."id";
    HeadRepositoryName: Text = "pull_request"."head"."repo"."full_name";
    SourceRun: Object = "workflow_run";
    SourceActor: Text = "workflow_run"."actor"."login";
    SourceTriggeringActor: Text = "workflow_run"."triggering_actor"."login";
    SourceEvent: Text = "workflow_run"."event";
    SourceConclusion: Text = "workflow_run"."conclusion";
    SourceBranch: Text = "workflow_run"."head_branch";
    SourceRepositoryId: Integer = "workflow_run"."head_repository"."id";
}
