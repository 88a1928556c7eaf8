//! Framing: where a request's head begins and ends, read along with the bytes that pass.
//!
//! In:    the bytes of a connection, in pieces of any size.
//! Out:   where the request at hand ends; whether its head or its body is under way; a head that nobody may accept.
//! Never: changes a byte, or says what a request is. The server reads for itself, and where it understands a request in
//!        another way, a head at most goes unchecked.

use std::borrow::Cow;
use std::mem;

use memchr::memchr2;

use crate::limit;

/// How far a connection's bytes have been read.
#[derive(Debug, Default)]
pub(super) struct Framing {
    at: At,
    /// Bytes of this head, or of this line between chunks.
    read: usize,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    has_request_line: bool,
    body: Body,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Head,
    Body(u64),
    ChunkSize,
    /// With the CRLF behind it.
    Chunk(u64),
    Trailer,
    /// Nothing behind this can be read as a request.
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Body {
    #[default]
    None,
    Counted(u64),
    Chunked,
    /// What the server refuses, or reads to the end of the connection.
    Unknown,
}

/// Why nobody may accept a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A line that ends in anything but CRLF (RFC 9112 section 2.2): a proxy may see one line where we see two.
    LineEnd,
    /// Longer than [`limit::HEAD_MAX`].
    TooLong,
}

/// What some bytes were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// Whether a head began in them.
    pub(super) has_begun: bool,
    /// How many of them belong to the request at hand: all, unless it ends among them. None when there is a fault.
    pub(super) count: usize,
    /// What is wrong with the head in them.
    pub(super) fault: Option<Fault>,
}

impl Framing {
    /// Whether a head has begun and not ended.
    pub(super) fn is_in_head(&self) -> bool {
        self.at == At::Head && self.read > 0
    }

    /// Whether a body has begun and not ended.
    pub(super) fn is_in_body(&self) -> bool {
        !matches!(self.at, At::Head | At::Unknown)
    }

    /// Whether no request can be read any more, whatever comes.
    pub(super) fn is_lost(&self) -> bool {
        self.at == At::Unknown
    }

    /// Reads the next bytes, as far as the end of the request at hand.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Passed {
        let (mut rest, mut has_begun) = (bytes, false);
        while !rest.is_empty() {
            match self.at {
                At::Unknown => break,
                At::Body(left) | At::Chunk(left) => {
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    rest = &rest[count..];
                    self.at = match (self.at, left - count as u64) {
                        (At::Body(_), 0) => At::Head,
                        (At::Body(_), left) => At::Body(left),
                        (_, 0) => At::ChunkSize,
                        (_, left) => At::Chunk(left),
                    };
                }
                before @ (At::Head | At::ChunkSize | At::Trailer) => {
                    has_begun |= before == At::Head && self.read == 0;
                    let outcome = self.line(&mut rest);
                    if let Err(fault) = outcome {
                        (self.at, self.begun) = (At::Unknown, Vec::new());
                        if before == At::Head {
                            return Passed { has_begun, count: 0, fault: Some(fault) };
                        }
                    } else if before == At::Head && self.at == At::Unknown {
                        // The server answers it for its head alone.
                        return Passed { has_begun, count: bytes.len() - rest.len(), fault: None };
                    }
                }
            }
            if self.at == At::Head && self.read == 0 {
                return Passed { has_begun, count: bytes.len() - rest.len(), fault: None };
            }
        }
        // What is wrong in a body is the server's to find.
        Passed { has_begun, count: bytes.len(), fault: None }
    }

    /// Takes the next line, or what has come of it, off `rest`.
    fn line(&mut self, rest: &mut &[u8]) -> Result<(), Fault> {
        let before = rest.len();
        let line = cut(&mut self.begun, rest);
        self.read += before - rest.len();
        if self.read > limit::HEAD_MAX {
            return Err(Fault::TooLong);
        }
        let Some(line) = line? else { return Ok(()) };
        match self.at {
            At::Head if !line.is_empty() => self.head_line(&line),
            // Empty lines before a request count as part of its head: they may not go on for ever.
            At::Head if !self.has_request_line => {}
            At::Head => {
                self.at = match mem::take(&mut self.body) {
                    Body::None | Body::Counted(0) => At::Head,
                    Body::Counted(length) => At::Body(length),
                    Body::Chunked => At::ChunkSize,
                    Body::Unknown => At::Unknown,
                };
                (self.read, self.has_request_line) = (0, false);
            }
            At::ChunkSize => (self.at, self.read) = (chunk(&line), 0),
            _ if line.is_empty() => (self.at, self.read) = (At::Head, 0),
            _ => {}
        }
        Ok(())
    }

    fn head_line(&mut self, line: &[u8]) {
        let is_request_line = !mem::replace(&mut self.has_request_line, true);
        let body = if is_request_line {
            // What follows `CONNECT` is no request.
            line.starts_with(b"CONNECT").then_some(Body::Unknown)
        } else if let Some(length) = value(line, "content-length") {
            Some(
                std::str::from_utf8(length)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .map_or(Body::Unknown, Body::Counted),
            )
        } else if let Some(encoding) = value(line, "transfer-encoding") {
            Some(if encoding.eq_ignore_ascii_case(b"chunked") { Body::Chunked } else { Body::Unknown })
        } else {
            // An offer of h2c is passed over: the server reads on as if it were not there.
            value(line, "upgrade").filter(|offer| !offer.eq_ignore_ascii_case(b"h2c")).map(|_| Body::Unknown)
        };
        if let Some(body) = body {
            self.body = if self.body == Body::None { body } else { Body::Unknown };
        }
    }
}

/// The next line of `rest`, without its end. What has no end yet is kept in `begun`.
fn cut<'a>(begun: &mut Vec<u8>, rest: &mut &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, Fault> {
    let bytes = *rest;
    let at = if begun.ends_with(b"\r") { Some(0) } else { memchr2(b'\r', b'\n', bytes).map(|at| at + 1) };
    let (line, line_feed) = match at {
        Some(0) => (&bytes[..0], 0),
        Some(at) if bytes[at - 1] == b'\n' => return Err(Fault::LineEnd),
        Some(at) if at < bytes.len() => (&bytes[..at - 1], at),
        _ => {
            begun.extend(bytes);
            *rest = &[];
            return Ok(None);
        }
    };
    if bytes[line_feed] != b'\n' {
        return Err(Fault::LineEnd);
    }
    *rest = &bytes[line_feed + 1..];
    if begun.is_empty() {
        return Ok(Some(Cow::Borrowed(line)));
    }
    begun.extend(line);
    if line_feed == 0 {
        begun.pop();
    }
    Ok(Some(Cow::Owned(mem::take(begun))))
}

/// The value of a header line when it has this name.
fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (own, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    own.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
}

/// What follows the size of a chunk.
fn chunk(line: &[u8]) -> At {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let size = std::str::from_utf8(&line[..digits]).ok().and_then(|text| u64::from_str_radix(text, 16).ok());
    match size {
        Some(0) => At::Trailer,
        Some(size) => size.checked_add(2).map_or(At::Unknown, At::Chunk),
        None => At::Unknown,
    }
}

#[cfg(test)]
#[path = "framing/tests.rs"]
mod tests;
