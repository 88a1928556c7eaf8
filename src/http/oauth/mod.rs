//! The OAuth endpoints, one file each.

pub(super) mod token;
