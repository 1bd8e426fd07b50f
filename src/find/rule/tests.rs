use super::*;
use crate::find::search;
use crate::token::{Evidence, KINDS, Severity, Shape, specimen};

/// The rules of these patterns; the id of each is its number.
fn rules_of(patterns: &[&str]) -> Rules {
    let rule = |(number, pattern): (usize, &&str)| {
        let kind = Kind {
            id: Box::leak(format!("rule-{number}").into_boxed_str()),
            prefixes: &[],
            name: "a rule",
            opens: "",
            shape: Shape::Rule,
            severity: Severity::High,
            evidence: Evidence::Verified,
            note: "",
            revoke: &[],
            sources: &[],
        };
        Arc::new(Rule::new(Box::leak(Box::new(kind)), Expression::parse(pattern).unwrap()))
    };
    Rules::new(patterns.iter().enumerate().map(rule).collect())
}

/// What these patterns match in `text`, and what of that is secret.
fn found(patterns: &[&str], text: &str) -> Vec<(String, String, String)> {
    let found = rules_of(patterns).during(|| search(text.as_bytes()).matches);
    let piece = |range: &Range<usize>| text[range.clone()].to_owned();
    found.iter().map(|one| (one.kind.id.to_owned(), piece(&one.span), piece(&one.secret))).collect()
}

fn spans(pattern: &str, text: &str) -> Vec<String> {
    found(&[pattern], text).into_iter().map(|(_, span, _)| span).collect()
}

#[test]
fn a_rule_finds_all_that_its_pattern_matches() {
    for (pattern, text, wanted) in [
        ("zebra", "a zebra, a Zebra", &["zebra"][..]),
        ("(?i)zebra", "a zebra, a ZeBrA", &["zebra", "ZeBrA"]),
        (r"\bzebra\b", "zebras, a zebra", &["zebra"]),
        ("acme_[a-z0-9]{8}", "x=acme_abcd1234efg", &["acme_abcd1234"]),
        ("[a-z]{3}-[0-9]{9}", "env abc-123456789, x", &["abc-123456789"]),
        (r"[a-z]{3}\d{7}\.live", "https://abc1234567.live.example", &["abc1234567.live"]),
        ("host(one|two)\\.corp", "hostone.corp hosttwo.corp hostsix.corp", &["hostone.corp", "hosttwo.corp"]),
        ("(alpha|beta)x{2,4}y", "alphaxxxy betaxy betaxxy", &["alphaxxxy", "betaxxy"]),
        ("one two\\s+three", "one two\n  three", &["one two\n  three"]),
        ("(?m)^zebra$", "a zebra\nzebra\nzebra x", &["zebra"]),
        ("[0-9]{12}:[A-Z]+", "at 123456789012:ABC.", &["123456789012:ABC"]),
        ("größe", "die größe", &["größe"]),
        (r"\xff\xfe\x00z", "none", &[]),
    ] {
        assert_eq!(spans(pattern, text), wanted, "{pattern} in {text}");
    }
}

#[test]
fn the_group_called_secret_is_masked_and_else_the_whole_match() {
    let secret = |pattern: &str, text: &str| found(&[pattern], text).remove(0).2;
    assert_eq!(secret("acme=(?<secret>[a-z0-9]+)", "acme=hunter22"), "hunter22");
    assert_eq!(secret("acme=(?P<secret>[a-z0-9]*)", "acme="), "acme=");
    assert_eq!(secret("acme=(x|(?<secret>[0-9]+))", "acme=x"), "acme=x");
    assert_eq!(secret("acme=([a-z0-9]+)", "acme=hunter22"), "acme=hunter22");
}

#[test]
fn a_window_around_a_needle_loses_no_match() {
    // Each text is read by the expression alone, too.
    let patterns = [
        "[a-z]{2,9}zebra[a-z]{0,9}",
        "(x|yy|zebra)+zebraq",
        "[^\"]{1,40}zebra",
        "zebra.{0,30}lion",
        "ze(?:bra|lot)[0-9]",
        "(?i)zEbRa-?[0-9]{2}",
        "zebra|.{5,20}lion",
        "[a-z]+@[a-z]+\\.corp",
    ];
    let parts =
        ["zebra", "ZEBRA", "x", "yy", "q", "\n", " ", "\"", "lion", "zelot7", "12", "-", "ab@cd.corp", "é"];
    let mut numbers = crate::find::tests::Numbers(0xf0bd);
    let mut compared = 0;
    let compiled = patterns.map(|pattern| {
        let whole = regex::bytes::RegexBuilder::new(pattern).unicode(false).build().unwrap();
        (pattern, whole, rules_of(&[pattern]))
    });
    for round in 0..crate::effort::cases(500, 30_000) {
        let text: String = (0..numbers.below(30)).map(|_| parts[numbers.below(parts.len())]).collect();
        for (pattern, whole, rules) in &compiled {
            let wanted: Vec<_> = whole.find_iter(text.as_bytes()).map(|found| found.range()).collect();
            let mut all = Vec::new();
            rules.read(text.as_bytes(), &mut all);
            let all: Vec<_> = all.into_iter().map(|found| found.span).collect();
            assert_eq!(all, wanted, "round {round}: {pattern} in {text:?}");
            compared += wanted.len();
        }
    }
    assert!(compared > 500, "{compared} matches were compared");
}

#[test]
fn a_match_as_long_as_is_said_is_found_and_one_rule_hides_no_other() {
    let long = format!("zebra{}end", "x".repeat(LONGEST_MATCH - 8));
    assert_eq!(spans("zebrax+end", &long), [long.as_str()]);
    let both = found(&["zebra-[a-z]+", "[a-z]+-horse", "[a-z]{5}-[a-z]{5}[.;]"], "a zebra-horse.");
    let ids: Vec<_> = both.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(ids, ["rule-0", "rule-1", "rule-2"]);
    // A token that a rule forbids, too, is both.
    let token = specimen(&KINDS[0], 4).text;
    let kinds: Vec<_> =
        found(&["dt0c01\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}"], &token).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

#[test]
fn what_stands_in_an_encoding_or_an_escape_is_found() {
    use base64::Engine as _;
    let word = "zebra crossing";
    let line = format!("the secret place is called {word}; keep it");
    for text in [
        base64::engine::general_purpose::STANDARD.encode(&line),
        line.bytes().map(|byte| format!("{byte:02x}")).collect(),
        line.chars().flat_map(|c| [c, '\0']).collect(),
        "x=zebra%20crossing".to_owned(),
        "zebra&#32;crossing".to_owned(),
        "zebra\\x20crossing".to_owned(),
        "zebra=20crossing".to_owned(),
        "\\u007aebra crossing".to_owned(),
    ] {
        let matches = rules_of(&["\\bzebra crossing\\b"]).during(|| search(text.as_bytes()).matches);
        assert_eq!(matches.len(), 1, "{text}");
        assert!(!matches[0].encodings.is_plain(), "{text}");
    }
    // What an escape parts from the word before it.
    assert_eq!(found(&["\\bzebra\\b"], "a line\\nzebra").len(), 1);
    assert_eq!(found(&["user@acme"], "user\\@acme.example").len(), 1);
}

#[test]
fn a_match_ends_where_the_longest_one_does_and_the_next_is_found_behind_it() {
    // Each would go on to the end, and all of the text would be read for each.
    let text = format!("{}zzzz", "abc x ".repeat(5_000));
    for pattern in ["abc[\\s\\S]*zzzz", "abc(?:[\\s\\S]*zzzz)?", "[abc]{3}[\\s\\S]*z+"] {
        let all = spans(pattern, &text);
        assert!(all.iter().all(|one| one.len() <= LONGEST_MATCH), "{pattern}");
        assert!(all.last().unwrap().ends_with("zzzz"), "{pattern}");
    }
    // Far from each other, and at each place around the ends of what is read at once.
    for far in [0, LONGEST_MATCH - 9, 2 * LONGEST_MATCH - 8, 2 * LONGEST_MATCH - 1, 5 * LONGEST_MATCH] {
        let text = format!("{}qqq123456789 and qqq123456789", "x ".repeat(far / 2) + &"y"[..far % 2]);
        assert_eq!(spans("[q-z]{3}[0-9]{9}", &text).len(), 2, "{far}");
    }
}

#[test]
fn a_thread_without_rules_finds_none_and_what_was_in_force_comes_back() {
    let rules = rules_of(&["zebra"]);
    let count = || search(b"zebra").matches.len();
    assert_eq!(count(), 0);
    rules.clone().during(|| {
        assert_eq!(count(), 1);
        Rules::default().during(|| assert_eq!(count(), 0));
        assert_eq!(count(), 1);
        assert_eq!(std::thread::scope(|scope| scope.spawn(count).join().unwrap()), 0);
    });
    assert_eq!(count(), 0);
}

#[test]
fn a_pattern_that_means_everything_nothing_or_too_much_is_refused() {
    for (pattern, says) in [
        ("", "matches the empty text"),
        ("a*", "matches the empty text"),
        ("(zebra)?", "matches the empty text"),
        (".*", "matches the empty text"),
        (".+", "fewer than 3 bytes"),
        ("\\w", "fewer than 3 bytes"),
        ("[a-z]+", "fewer than 3 bytes"),
        ("ab", "fewer than 3 bytes"),
        (".{3}", "ordinary text"),
        ("\\w{3,}", "ordinary text"),
        ("[a-z]{5}", "ordinary text"),
        ("[^ ]{8,}", "ordinary text"),
        ("(?s).{40}", "ordinary text"),
        ("(?i)[a-f0-9]{3}", "ordinary text"),
        ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "ordinary text"),
        ("https?://", "ordinary text"),
        ("[a-z&&[0-9]]zzz", "no text at all"),
        ("(zebra", "unclosed group"),
        ("zebra[z-a]", "invalid character class range"),
        ("(?=zebra)", "look-around"),
        ("zebra\\1", "backreference"),
        ("\\p{Greek}zebra", "Unicode"),
        ("zebra[ö]", "Unicode"),
        ("(zebra{1000}){1000}", "more than 2000 states"),
        ("zebra(((a{100}){100}){100}){100}", "more than 2000 states"),
        ("zebra.{5000}", "more than 2000 states"),
        (&"zebra".repeat(1000), "more than 4096 bytes"),
        (&format!("{}zebra{}", "(".repeat(100), ")".repeat(100)), "nest"),
    ] {
        let refused = Expression::parse(pattern).expect_err(pattern);
        assert!(refused.message.contains(says) || refused.help.contains(says), "{pattern}: {refused:?}");
    }
    for pattern in [
        "zebra",
        "fox",
        "[0-9a-f]{40}",
        "[A-Z0-9]{20}",
        "(?i)password=[^ ]{8}",
        "example\\.com",
        "[a-z]{3}[0-9]{5}x",
    ] {
        Expression::parse(pattern).expect(pattern);
    }
}

#[test]
fn no_pattern_however_it_is_made_takes_long() {
    let started = std::time::Instant::now();
    let text = "zebra aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! ".repeat(200);
    for pattern in [
        "(a+)+!!zebra",
        "(a|aa)+$zebra",
        "(.*)(.*)(.*)(.*)zebra(.*)(.*)x",
        "(a?){40}a{40}zebra",
        "zebra.{0,4000}q",
    ] {
        if Expression::parse(pattern).is_ok() {
            rules_of(&[pattern]).read(text.as_bytes(), &mut Vec::new());
        }
    }
    let wide = (0..900).map(|number| format!("[a-z]{{3}}{number}")).collect::<Vec<_>>().join("|");
    let _either = Expression::parse(&wide);
    let parts: String = (0..1300).map(|_| "[ab]c").collect();
    let _either = Expression::parse(&parts[..4096]);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn what_is_written_for_other_tools_matches_the_same_texts() {
    for (pattern, grep) in [
        ("zebra", Some("zebra")),
        ("a.b+c", Some("a.b+c")),
        (r"zebra\.corp", Some("zebra[.]corp")),
        (r"\bzebra-[0-9]{2,3}\b", Some(r"\bzebra-[0-9]{2,3}\b")),
        ("(?i)zeb", Some("[Zz][Ee][Bb]")),
        ("x(one|two)*y[a-f_-]z", Some("x(one|two)*y[_a-f-]z")),
        (r"key\s*=\s*(?<secret>[^\n]{8})", Some(r"key\s*=\s*(.{8})")),
        ("(?:zebra|lion){2}", Some("(zebra|lion){2}")),
        ("acme'x", None),
        (r"acme\\x", None),
        ("zebra+?", None),
        ("(?m)^zebra", None),
        ("größe", None),
    ] {
        let expression = Expression::parse(pattern).unwrap();
        let written = expression.for_grep();
        // Of a class the order is free.
        let plain = |text: &str| text.replace("[a-f_-]", "[_a-f-]");
        assert_eq!(written.as_deref().map(plain).as_deref(), grep, "{pattern}");
        let captured = expression.captured();
        assert_eq!(captured.is_some(), grep.is_some(), "{pattern}");
        for (written, text) in written.iter().chain(&captured).flat_map(|written| {
            ["a zebra.corp zebra-12 ZEB xonetwoyaz key = 12345678 zebralion abbc", "none"]
                .map(|text| (written, text))
        }) {
            let regex = |text: &str| regex::bytes::RegexBuilder::new(text).unicode(false).build().unwrap();
            let ranges = |pattern: &str| {
                regex(pattern).find_iter(text.as_bytes()).map(|one| one.range()).collect::<Vec<_>>()
            };
            assert_eq!(ranges(written), ranges(pattern), "{written}");
        }
    }
    let keywords = |pattern: &str| Expression::parse(pattern).unwrap().keywords();
    assert_eq!(keywords("(?i)Acme_[a-z]{9}"), ["acme"]);
    assert_eq!(keywords("[a-z]{3}[0-9]{5}x"), [] as [&str; 0]);
}

#[test]
fn a_rule_that_matches_a_long_text_hides_no_token_in_it() {
    let token = |seed| specimen(&KINDS[0], seed).text;
    let escaped: String = token(0).bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    for (before, within) in (0..6).flat_map(|before| (0..6).map(move |within| (before, within))) {
        let [outside, inside] =
            [1..1 + before, 11..11 + within].map(|seeds| seeds.map(token).collect::<Vec<_>>());
        let text = format!("{} zebra {} {escaped} end", outside.join(" "), inside.join(" "));
        let all = found(&["(?s)zebra.{1,900}"], &text);
        let tokens = all.iter().filter(|(id, ..)| *id == KINDS[0].id).count();
        assert_eq!(tokens as u64, before + within + 1, "{before} {within}");
    }
}

#[test]
fn no_rule_hides_a_token_whatever_of_it_or_around_it_the_rule_matches() {
    use base64::Engine as _;
    let rules = rules_of(&[
        "dt0c01\\.[A-Z0-9]{24}",
        "[A-Z2-7]{20}",
        "(?s)token.{1,200}",
        "(?i)api-token (?<secret>[^ ]{10,})",
        "zebra[^;]*;",
        "dt0[a-z][0-9]{2}",
    ]);
    let mut numbers = crate::find::tests::Numbers(0x7a11);
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut compared = 0;
    for round in 0..crate::effort::cases(400, 20_000) {
        let mut text = String::new();
        for _ in 0..=numbers.below(4) {
            let token = specimen(&KINDS[numbers.below(KINDS.len())], numbers.0).text;
            text += &match numbers.below(9) {
                0 => format!("token={token};"),
                1 => format!("Api-Token {token} "),
                2 => format!("zebra {};", base64(&format!("x={token}"))),
                3 => base64(&base64(&format!("token {token}"))),
                4 => token.chars().flat_map(|c| [c, '\0']).collect(),
                5 => token.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
                6 => format!("'{}' +\n '{}'\n", &token[..9], &token[9..]),
                7 => format!("{token}{token}"),
                _ => "a line without\n".to_owned(),
            };
        }
        let tokens = |found: Vec<Match>| {
            let tokens = found.into_iter().filter(|found| !found.kind.is_rule());
            tokens.map(|found| (found.key(), found.certainty, found.span)).collect::<Vec<_>>()
        };
        let wanted = tokens(search(text.as_bytes()).matches);
        let under_rules = rules.clone().during(|| search(text.as_bytes()).matches);
        assert_eq!(tokens(under_rules), wanted, "round {round}: {text:?}");
        compared += wanted.len();
    }
    assert!(compared > 300, "{compared} tokens were compared");
}
