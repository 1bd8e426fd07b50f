//! Notebooks, recorded sessions, collections of requests and exports of chats.

use base64::Engine as _;
use serde_json::json;

use super::{parts_of_stream, scan};
use crate::support::packers::zip;
use crate::support::{Repo, token};

#[test]
fn a_token_in_a_notebook_is_found_in_its_cell_and_output() {
    let repo = Repo::unborn();
    let tokens: Vec<_> = (1..=4).map(|seed| repo.token("dt0c01", seed).text).collect();
    let notebook = json!({
        "cells": [
            { "cell_type": "markdown", "metadata": {}, "source": ["# one\n", "[two]"] },
            {
                "cell_type": "code", "execution_count": 1, "metadata": { "tags": [&tokens[3]] },
                "source": ["import x\n", format!("t = '{}'\n", tokens[0])],
                "outputs": [
                    { "output_type": "stream", "name": "stdout", "text": ["{\"}\\\n", &tokens[1]] },
                    { "output_type": "display_data", "data": { "text/html": format!("<b>{}</b>", tokens[2]) } },
                ],
            },
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    });
    // Jupyter sorts the keys and indents by one; others write it on one line.
    for text in
        [format!("{notebook:#}"), notebook.to_string(), notebook.to_string().replace("<b>", "\\u003cb>")]
    {
        repo.write("a.ipynb", text);
        scan(&repo, "a.ipynb")
            .blocks()
            .says("(cell 2)")
            .says("(cell 2, output 1)")
            .says("(cell 2, output 2")
            .says("(cell 2, metadata)");
    }
}

#[test]
fn a_token_in_a_recorded_session_is_found_in_its_entry() {
    let repo = Repo::unborn();
    let tokens: Vec<_> = (1..=6).map(|seed| repo.token("dt0c01", seed).text).collect();
    let body = json!({ "token": tokens[3], "more": "x".repeat(99) }).to_string();
    let entry = json!({
        "request": {
            "method": "POST",
            "url": format!("https://example.com/?api-token={}", tokens[0]),
            "headers": [{ "name": "Accept", "value": "*" }, { "name": "Authorization", "value": format!("Api-Token {}", tokens[1]) }],
            "postData": { "mimeType": "application/json", "text": json!({ "a": tokens[2] }).to_string() },
        },
        "response": {
            "headers": [{ "name": "Set-Cookie", "value": tokens[5] }],
            "content": { "encoding": "base64", "text": base64::engine::general_purpose::STANDARD.encode(body) },
        },
        "_webSocketMessages": [{ "data": "x" }, { "data": tokens[4] }],
    });
    let session = json!({ "log": { "version": "1.2", "entries": [{ "request": {} }, entry] } });
    repo.write("a.har", session.to_string());
    scan(&repo, "a.har")
        .blocks()
        .says("(entry 2, request URL)")
        .says("(entry 2, request header Authorization)")
        .says("(entry 2, request body)")
        .says("(entry 2, response body; in base64)")
        .says("(entry 2, response header Set-Cookie)")
        .says("(entry 2, WebSocket message 2)");
}

#[test]
fn a_token_in_a_collection_of_requests_is_found_in_its_request() {
    let repo = Repo::unborn();
    let tokens: Vec<_> = (1..=6).map(|seed| repo.token("dt0c01", seed).text).collect();
    let collection = json!({
        "info": { "name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        "item": [{ "name": "folder", "item": [{ "name": "list", "request": {} }, {
            "name": "Get \u{e4}ll",
            "event": [{ "listen": "test", "script": { "exec": [tokens[3]] } }],
            "request": {
                "header": [{ "key": "Authorization", "value": format!("Api-Token {}", tokens[0]) }],
                "body": { "mode": "raw", "raw": tokens[4] },
            },
            "response": [{ "name": "ok", "body": format!("{{\"t\":\"{}\"}}", tokens[1]) }],
        }] }],
        "variable": [{ "key": "token", "value": tokens[2] }],
    });
    repo.write("a.json", format!("{collection:#}").replace('\u{e4}', "\\u00e4"));
    scan(&repo, "a.json")
        .blocks()
        .says("(request folder/Get \u{e4}ll, header Authorization)")
        .says("(request folder/Get \u{e4}ll, body)")
        .says("(request folder/Get \u{e4}ll, script)")
        .says("(request folder/Get \u{e4}ll, response ok, body)")
        .says("(variable token)");
    let environment =
        json!({ "name": "e", "values": [{ "key": "url" }, { "key": "token", "value": tokens[5] }] });
    repo.write("b.json", environment.to_string());
    scan(&repo, "b.json").blocks().says("(variable token)");
}

#[test]
fn a_token_in_the_export_of_a_chat_is_found_in_its_message() {
    let repo = Repo::unborn();
    let tokens: Vec<_> = (1..=3).map(|seed| repo.token("dt0c01", seed).text).collect();
    let slack = json!([{ "type": "message", "text": "hi" }, { "type": "message", "text": format!("<https://x> `{}`", tokens[0]) }]);
    let slack = format!("{slack:#}").replace('/', "\\/");
    let discord =
        json!({ "channel": {}, "messages": [{ "content": "x" }, { "content": tokens[1] }] }).to_string();
    let telegram = json!({ "chats": { "list": [{ "messages": [{ "text": ["a", { "type": "code", "text": tokens[2] }] }] }] } });
    repo.write(
        "export.zip",
        zip(&[
            ("general/2026-01-01.json", slack.as_bytes()),
            ("discord.json", discord.as_bytes()),
            ("result.json", telegram.to_string().as_bytes()),
        ]),
    );
    scan(&repo, "export.zip")
        .blocks()
        .says("export.zip!/general/2026-01-01.json:8:")
        .says("(message 2; in zip")
        .says("export.zip!/discord.json:1:")
        .says("export.zip!/result.json:1:")
        .says("(message 1; in zip)");
}

#[test]
fn a_place_in_a_large_session_is_named_and_a_name_is_never_a_secret_part() {
    let (one, two) = (token("dt0c01", 1), token("dt0c01", 2));
    let many = vec![
        json!({ "request": {}, "response": { "content": { "text": "words \" and \\ words ".repeat(5000) } } });
        90
    ];
    let mut session = json!({ "log": { "entries": many } });
    let header = json!({ "name": one.secret(), "value": one.text });
    let body = json!({ "text": two.text });
    let entries = session["log"]["entries"].as_array_mut().unwrap();
    entries.push(json!({ "request": { "headers": [header] }, "response": { "content": body } }));
    let text = session.to_string();
    assert!(text.len() > 8 << 20);
    assert_eq!(parts_of_stream(text.as_bytes()), ["entry 91, request header", "entry 91, response body"]);
}

#[test]
fn a_token_in_broken_or_deep_json_is_found() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    for text in [
        format!("{{\"cells\": [{{\"source\": [\"{}", token.text),
        format!("{}\"{}\"", "[{\"a\":".repeat(200_000), token.text),
        format!("{}\"{}\"", "]}".repeat(1000), token.text),
        format!("{{\"{}\": \"{}\"}}", "k".repeat(1 << 20), token.text),
        format!("{{\"cells\": \"\\\\\\\" \"\"\", {}", token.text),
    ] {
        repo.write("a.ipynb", text);
        scan(&repo, "a.ipynb").blocks();
    }
}
