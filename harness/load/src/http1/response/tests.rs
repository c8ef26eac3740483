//! The parser against answers cut into arbitrary portions, and against arbitrary bytes.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Default, PartialEq)]
struct Answer {
    status: u16,
    content_type: Option<Vec<u8>>,
    body: Vec<u8>,
    heads: u32,
}

impl Sink for Answer {
    fn head(&mut self, status: u16, content_type: Option<&[u8]>) {
        self.status = status;
        self.content_type = content_type.map(<[u8]>::to_vec);
        self.heads += 1;
    }

    fn body(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
    }
}

const LIMIT: u64 = 10_000;

/// Feeds the bytes in portions that end at the cuts; also the bytes that were left over.
fn parse(bytes: &[u8], cuts: &[usize]) -> Result<(Answer, Option<usize>), ParseError> {
    parse_after(&mut LastHead::default(), bytes, cuts)
}

/// The same, with a head remembered from before.
fn parse_after(last: &mut LastHead, bytes: &[u8], cuts: &[usize]) -> Result<(Answer, Option<usize>), ParseError> {
    let (mut parser, mut answer) = (ResponseParser::new(), Answer::default());
    parser.reset(LIMIT);
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        match parser.feed(&bytes[from..to], last, &mut answer)? {
            Fed::More => from = to,
            Fed::Whole { consumed } => return Ok((answer, Some(bytes.len() - from - consumed))),
        }
    }
    Ok((answer, None))
}

fn chunked(body: &[u8], size: usize, extension: &str, trailers: &str) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(size) {
        bytes.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("0\r\n{trailers}\r\n").as_bytes());
    bytes
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn sorted_cuts(length: usize, cuts: &[prop::sample::Index]) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

proptest! {
    #[test]
    fn a_remembered_head_says_what_a_parsed_one_says(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..6),
        cut in 0_usize..200,
    ) {
        let mut last = LastHead::default();
        for body in bodies.iter().flat_map(|body| [body, body]) {
            for bytes in [with_length(body), chunked(body, 7, "", ""), [with_length(body), vec![b'x']].concat()] {
                let cuts = [cut.min(bytes.len())];
                prop_assert_eq!(parse_after(&mut last, &bytes, &cuts), parse(&bytes, &cuts));
                prop_assert_eq!(parse_after(&mut last, &bytes, &[]), parse(&bytes, &[]));
            }
        }
    }
}

proptest! {
    #[test]
    fn portions_make_no_difference_with_a_length(body: Vec<u8>, cuts: Vec<prop::sample::Index>, extra in 0_usize..3) {
        let mut bytes = with_length(&body);
        let whole = bytes.len();
        bytes.resize(whole + extra, b'x');
        let (answer, left) = parse(&bytes, &sorted_cuts(whole, &cuts)).unwrap();
        prop_assert_eq!(answer.status, 404);
        prop_assert_eq!(answer.content_type.as_deref(), Some(&b"text/plain"[..]));
        prop_assert_eq!(answer.heads, 1);
        prop_assert_eq!(answer.body, body);
        // Portions that came after the whole are not looked at.
        prop_assert!(left.is_some());
    }

    #[test]
    fn portions_make_no_difference_in_chunks(
        body: Vec<u8>, size in 1_usize..40, cuts: Vec<prop::sample::Index>,
        extension in "(;[a-z]{1,5}(=[a-z]{1,5})?)?", trailers in "([a-z]{1,5}: [a-z]{0,5}\r\n){0,2}",
    ) {
        let bytes = chunked(&body, size, &extension, &trailers);
        let (answer, left) = parse(&bytes, &sorted_cuts(bytes.len(), &cuts)).unwrap();
        prop_assert_eq!(answer.body, body);
        prop_assert_eq!(left, Some(0));
    }

    #[test]
    fn a_cut_off_answer_is_never_whole(body: Vec<u8>, size in 1_usize..40, cut: prop::sample::Index) {
        for bytes in [chunked(&body, size, "", ""), with_length(&body)] {
            let cut = cut.index(bytes.len());
            prop_assert_eq!(parse(&bytes[..cut], &[]).unwrap().1, None);
        }
    }

    #[test]
    fn arbitrary_bytes_never_break_it(bytes: Vec<u8>, chunked: bool, cuts: Vec<prop::sample::Index>) {
        let mut all = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        if !chunked {
            all.truncate(9);
        }
        all.extend_from_slice(&bytes);
        let cuts = sorted_cuts(all.len(), &cuts);
        // The same bytes must come to the same end, however they are cut.
        let (cut, uncut) = (parse(&all, &cuts), parse(&all, &[]));
        prop_assert_eq!(cut.map(|(answer, _)| answer), uncut.map(|(answer, _)| answer));
    }
}

#[test]
fn what_is_not_an_answer_is_refused() {
    let head = "HTTP/1.1 200 OK\r\n";
    let cases = [
        ("HELLO\r\n\r\n".to_owned(), ParseError::Malformed),
        ("HTTP/1.1 20 OK\r\n\r\n".to_owned(), ParseError::Malformed),
        ("HTTP/1.1 101 Switching\r\n\r\n".to_owned(), ParseError::Malformed),
        ("HTTP/1.1 100 Continue\r\n\r\n".repeat(9), ParseError::Malformed),
        (format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\n"), ParseError::BadLength),
        (format!("{head}content-length: -1\r\n\r\n"), ParseError::BadLength),
        (format!("{head}content-length: 1 1\r\n\r\n"), ParseError::BadLength),
        (format!("{head}content-length: 99999999999999999999\r\n\r\n"), ParseError::BadLength),
        (format!("{head}content-length: 10001\r\n\r\n"), ParseError::TooLarge),
        (format!("{head}transfer-encoding: gzip\r\n\r\n"), ParseError::Malformed),
        (format!("{head}transfer-encoding: chunked\r\n\r\nx\r\n"), ParseError::BadChunk),
        (format!("{head}transfer-encoding: chunked\r\n\r\n\r\n"), ParseError::BadChunk),
        (format!("{head}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n"), ParseError::BadChunk),
        (format!("{head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"), ParseError::BadChunk),
        (format!("{head}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n"), ParseError::TooLarge),
        (format!("{head}\r\n{}", "x".repeat(10_001)), ParseError::TooLarge),
        (format!("{head}{}", "a: b\r\n".repeat(101)), ParseError::HeadTooLarge),
        (format!("{head}a: {}", "b".repeat(HEAD_BYTES_MAX)), ParseError::HeadTooLarge),
        (
            format!("{head}transfer-encoding: chunked\r\n\r\n1;{}", "x".repeat(HEAD_BYTES_MAX + 1)),
            ParseError::HeadTooLarge,
        ),
    ];
    for (text, expected) in cases {
        let shown = &text[..text.len().min(80)];
        assert_eq!(parse(text.as_bytes(), &[]).err(), Some(expected), "{shown}");
        let halves = [text.len() / 2];
        assert_eq!(parse(text.as_bytes(), &halves).err(), Some(expected), "in halves: {shown}");
    }
}

#[test]
fn keep_alive_follows_version_and_header() {
    let cases = [
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
        ("HTTP/1.1 204 No Content\r\nConnection: foo, Close\r\n\r\n", false),
        ("HTTP/1.0 204 No Content\r\n\r\n", false),
        ("HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n", true),
    ];
    for (text, expected) in cases {
        let mut parser = ResponseParser::new();
        parser.reset(LIMIT);
        let fed = parser.feed(text.as_bytes(), &mut LastHead::default(), &mut Answer::default());
        assert_eq!(fed, Ok(Fed::Whole { consumed: text.len() }));
        assert_eq!(parser.keeps_alive(), expected, "{text}");
    }
}

#[test]
fn a_body_without_length_ends_with_the_connection() {
    let (mut parser, mut answer) = (ResponseParser::new(), Answer::default());
    parser.reset(LIMIT);
    assert_eq!(parser.end(), Err(ParseError::Truncated));
    assert_eq!(parser.feed(b"HTTP/1.1 200 OK\r\n\r\nabc", &mut LastHead::default(), &mut answer), Ok(Fed::More));
    assert_eq!(parser.end(), Ok(()));
    assert!(!parser.keeps_alive());
    assert_eq!(answer.body, b"abc");
}
