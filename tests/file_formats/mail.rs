//! Mail and mailboxes.

use std::fs;

use super::{made_by_python, parts_of_stream, scan};
use crate::support::packers::{zip, zip_with};
use crate::support::{Repo, token};

/// As a mail program sends it: an encoded subject, two bodies, three files, a forwarded mail.
const MAIL: &str = r#"
import io, sys, zipfile
from email import policy
from email.message import EmailMessage
tokens = sys.argv[1:]
mail = EmailMessage(policy=policy.SMTP)
mail["Subject"] = "T\u00f6ken " + tokens[0]
mail["From"], mail["To"] = "a@example.com", "b@example.com"
mail.set_content("Gr\u00fc\u00dfe, token=" + tokens[1] + " bye\n")
mail.add_alternative("<p>\u00fc <b>x</b> " + tokens[2] + "</p>", subtype="html")
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("app.ini", "a\nkey=" + tokens[3] + "\n")
mail.add_attachment(archive.getvalue(), maintype="application", subtype="zip", filename="logs.zip")
mail.add_attachment(("key=" + tokens[4]).encode("utf-16"), maintype="text", subtype="plain", filename="notes \u00fcber.txt")
mail.add_attachment(b"key=" + tokens[5].encode(), maintype="text", subtype="plain", filename="key-" + tokens[5][-40:])
inner = EmailMessage(policy=policy.SMTP)
inner["Subject"] = "inner"
inner.set_content("line " + tokens[6] + "\n", cte="base64")
mail.add_attachment(inner)
open("a.eml", "wb").write(mail.as_bytes())
"#;

#[test]
fn a_token_in_a_mail_is_found_in_header_bodies_and_attachments() {
    let tokens: Vec<_> = (1..=7).map(|seed| token("dt0c01", seed)).collect();
    let repo = made_by_python(MAIL, &tokens.iter().map(|token| &*token.text).collect::<Vec<_>>());
    (1..=7).for_each(|seed| drop(repo.token("dt0c01", seed)));
    let ran =
        tokens.iter().fold(scan(&repo, "a.eml").blocks(), |ran, token| ran.says(token.identifier().unwrap()));
    ran.says("(header Subject; in ")
        .says("(body; in ")
        .says("(HTML body; in ")
        .says("(attachment logs.zip!/app.ini; in base64 of zip)")
        .says("(attachment notes \u{fc}ber.txt; in base64 of UTF-16)")
        // A file that is named after a secret part is known by its number.
        .says("(attachment 3; in base64)")
        .says("(attachment 4, body; in base64)")
        .says_not(&tokens[5].text[49..]);
}

/// As python's mailbox keeps it, with a line in a message that begins as a message does.
const MAILBOX: &str = r#"
import mailbox, sys
from email.message import EmailMessage
box = mailbox.mbox("b.mbox")
for number in range(5):
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "n" + str(number), "a@example.com"
    mail.set_content("From here on 10:30\n")
    if number == 3:
        mail.set_content("From me: " + sys.argv[1] + " \u00e9\nFrom you\n", cte="quoted-printable")
        mail.add_attachment(b"k=" + sys.argv[2].encode(), maintype="a", subtype="b", filename="k.bin")
    box.add(mail)
box.flush()
"#;

#[test]
fn a_token_in_a_mailbox_is_found_in_its_message() {
    let tokens = [token("dt0s16", 1), token("dt0c01", 2)];
    let repo = made_by_python(MAILBOX, &[&tokens[0].text, &tokens[1].text]);
    repo.token("dt0s16", 1);
    repo.token("dt0c01", 2);
    scan(&repo, "b.mbox")
        .blocks()
        .says("(message 4, body; in")
        .says("(message 4, attachment k.bin; in base64)");
    repo.git(&["add", "b.mbox"]).succeeds();
    repo.dtguard(&["hook", "pre-commit"]).blocks().says("b.mbox:").says("message 4, attachment k.bin");
    // A mailbox in an archive has its messages too.
    repo.write("c.zip", zip(&[("old/b.mbox", &fs::read(repo.path.join("b.mbox")).unwrap())]));
    scan(&repo, "c.zip").blocks().says("c.zip!/old/b.mbox:").says("message 4, body");
}

#[test]
fn a_token_in_a_mailbox_that_is_larger_than_memory_has_its_message() {
    let token = token("dt0c01", 1);
    let mail = |number: usize, text: &str| {
        format!("From a@example.com Mon Sep 28 09:00:00 2026\nSubject: {number}\nTo: b\n\n{text}\n\n")
    };
    let long = "words and more words\n".repeat(22_000);
    let all: String = (1..=20).map(|number| mail(number, &long)).chain([mail(21, &token.text)]).collect();
    assert!(all.len() > 8 << 20);
    assert_eq!(parts_of_stream(all.as_bytes()), ["message 21, body"]);
}

#[test]
fn an_attachment_that_cannot_be_read_is_named_as_not_scanned() {
    let repo = Repo::unborn();
    repo.write("secret.zip", zip_with(&[("secret.txt", b"who knows what this may be, and what else")], 6, 1));
    let script = r#"
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"] = "a", "b"
mail.set_content("see there")
mail.add_attachment(open("secret.zip", "rb").read(), maintype="a", subtype="zip", filename="secret.zip")
open("a.eml", "wb").write(mail.as_bytes())
"#;
    repo.write("make.py", script);
    let python = crate::support::python();
    assert!(crate::support::hermetic(python, &repo.path).arg("make.py").status().unwrap().success());
    scan(&repo, "a.eml").succeeds().says("a.eml!/attachment secret.zip!/secret.txt (encrypted)");
}

#[test]
fn the_place_in_a_mail_is_named_however_the_mail_is_broken() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    let head = "From: a\nTo: b\nContent-Type: multipart/mixed; boundary=";
    for (mail, place) in [
        (format!("{head}x\n\n--x\nContent-Type: text/html\n\n{}", token.text), "(HTML body)"),
        (format!("{head}x\n\n{}\n", token.text), "a.eml:5:1\n"),
        (format!("{head}\n\n{}\n", token.text), "a.eml:5:1\n"),
        (format!("{head}\"{}\n\n--x\n\n{}\n", "x".repeat(1 << 20), token.text), "a.eml:7:1"),
        (format!("{}{}\n", format!("{head}x\n\n--x\n").repeat(2000), token.text), "a.eml:10001:1"),
    ] {
        repo.write("a.eml", mail);
        scan(&repo, "a.eml").blocks().says(place);
    }
}
