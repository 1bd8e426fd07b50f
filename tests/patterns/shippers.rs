//! The rules for what ships logs, each run by its program.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::masking::{masks, piped, plain};
use crate::support::stub::Stub;
use crate::support::{Repo, hermetic, python};

/// A program that runs until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    Running(child.unwrap_or_else(|error| panic!("{command:?} is not on PATH: {error}")))
}

/// Waits until `done` has something, for a while.
#[track_caller]
fn wait<T>(running: &mut Running, mut done: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = done() {
            return value;
        }
        if Instant::now() > end || running.0.try_wait().unwrap().is_some() {
            let _ended = running.0.kill();
            let mut said = String::new();
            let _read = running.0.stderr.take().unwrap().read_to_string(&mut said);
            panic!("nothing is logged: {said}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The lines of `file`, as soon as it has as many as `count`.
fn logged(running: &mut Running, file: &Path, count: usize) -> Vec<String> {
    wait(running, || {
        let text = fs::read_to_string(file).unwrap_or_default();
        (text.lines().count() >= count && text.ends_with('\n'))
            .then(|| text.lines().map(str::to_owned).collect())
    })
}

#[test]
#[ignore = "runs syslog-ng, which has to be on PATH"]
fn syslog_ng_masks_what_it_receives() {
    masks("syslog-ng", plain, |repo, rules, lines| {
        repo.write(
            "conf",
            format!(
                "@version: 3.38\n{rules}\nsource s {{ stdin(flags(no-parse)); }};\n\
                 destination d {{ file(\"out\" template(\"$MESSAGE\\n\")); }};\n\
                 log {{ source(s); rewrite(r_dynatrace_tokens); destination(d); }};\n"
            ),
        );
        piped(
            hermetic("syslog-ng", &repo.path)
                .args(["-F", "-f", "conf", "-p", "pid", "-R", "kept", "-c", "control"]),
            lines,
        );
        fs::read_to_string(repo.path.join("out")).unwrap().lines().map(str::to_owned).collect()
    });
}

#[test]
#[ignore = "runs rsyslogd, which has to be on PATH"]
fn rsyslog_masks_what_it_receives() {
    masks("rsyslog", plain, |repo, rules, lines| {
        let folder = repo.path.to_str().unwrap();
        repo.write("dynatrace.conf", rules);
        repo.write("in", lines.join("\n") + "\n");
        repo.write(
            "conf",
            format!(
                "global(workDirectory=\"{folder}\")\nmodule(load=\"imfile\")\n\
                 include(file=\"{folder}/dynatrace.conf\")\nruleset(name=\"all\") {{\n call dynatrace_tokens\n \
                 action(type=\"omfile\" file=\"{folder}/out\" template=\"dynatrace_masked\")\n}}\n\
                 input(type=\"imfile\" file=\"{folder}/in\" tag=\"app\" ruleset=\"all\")\n"
            ),
        );
        let mut running = start(
            hermetic("rsyslogd", &repo.path).args(["-n", "-f", "conf", "-i"]).arg(repo.path.join("pid")),
        );
        let out = logged(&mut running, &repo.path.join("out"), lines.len());
        // Behind time, host and tag.
        out.iter()
            .map(|line| line.splitn(3, ' ').nth(2).unwrap().strip_prefix("app").unwrap().to_owned())
            .collect()
    });
}

/// `line` as the query of a request.
fn query(line: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%:/=&".contains(&byte);
    line.bytes().fold("/?q=".to_owned(), |text, byte| {
        if kept(byte) { text + &char::from(byte).to_string() } else { format!("{text}%{byte:02X}") }
    })
}

/// Asks the server at `socket` for each of `lines`.
fn ask(running: &mut Running, socket: &Path, lines: &[String]) {
    for line in lines {
        let mut stream = wait(running, || UnixStream::connect(socket).ok());
        write!(stream, "GET {line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }
}

/// What stands between the method and the version.
fn asked(line: &str) -> String {
    line.split_once("\"GET ").unwrap().1.split_once(" HTTP/1.1\"").unwrap().0.to_owned()
}

#[test]
#[ignore = "runs nginx, which has to be on PATH"]
fn nginx_masks_the_request_in_its_log() {
    masks("nginx", query, |repo, rules, lines| {
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        repo.write(
            "conf",
            format!(
                "daemon off;\npid pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{temporary}{rules}\
                 access_log out dynatrace_masked;\nserver {{ listen unix:socket; return 204; }}\n}}\n"
            ),
        );
        let folder = repo.path.to_str().unwrap();
        let mut running =
            start(hermetic("nginx", &repo.path).args(["-p", folder, "-c", "conf", "-e", "stderr"]));
        ask(&mut running, &repo.path.join("socket"), lines);
        logged(&mut running, &repo.path.join("out"), lines.len()).iter().map(|line| asked(line)).collect()
    });
}

#[test]
#[ignore = "runs haproxy, which has to be on PATH"]
fn haproxy_masks_the_request_in_its_log() {
    masks("haproxy", query, |repo, rules, lines| {
        repo.write(
            "conf",
            format!(
                // With one thread, so that the lines stay in order.
                "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
                 frontend f\n  bind unix@socket\n  log stdout format raw local0\n{rules}\n\
                 \x20   http-request return status 204\n"
            ),
        );
        let out = fs::File::create(repo.path.join("out")).unwrap();
        let mut haproxy = hermetic("haproxy", &repo.path);
        let child = haproxy.args(["-db", "-f", "conf"]).stdout(out).stderr(Stdio::piped()).spawn();
        let mut running = Running(child.unwrap_or_else(|error| panic!("haproxy is not on PATH: {error}")));
        ask(&mut running, &repo.path.join("socket"), lines);
        logged(&mut running, &repo.path.join("out"), lines.len()).iter().map(|line| asked(line)).collect()
    });
}

#[test]
#[ignore = "runs luajit, which has to be on PATH"]
fn the_filter_for_fluent_bit_masks_all_fields_of_a_record() {
    masks("fluent-bit", plain, |repo, rules, lines| {
        repo.write("dynatrace_mask.lua", rules);
        repo.write(
            "try.lua",
            "dofile('dynatrace_mask.lua')\n\
             for line in io.lines() do\n\
             local code, time, record = mask_record('t', 1, { n = 1, log = line, deep = { { line } } })\n\
             assert(code == 2 and time == 1 and record.n == 1 and record.deep[1][1] == record.log)\n\
             print(record.log)\nend\n",
        );
        piped(hermetic("luajit", &repo.path).arg("try.lua"), lines)
    });
}

#[test]
#[ignore = "runs VRL by python3's pyvrl"]
fn the_program_for_vector_masks_the_message() {
    masks("vector", plain, |repo: &Repo, rules, lines| {
        repo.write("dynatrace.vrl", rules);
        repo.write(
            "try.py",
            "import sys, pyvrl\nprogram = pyvrl.Transform(open('dynatrace.vrl').read())\n\
             for line in sys.stdin.read().splitlines(): print(program.remap({'message': line}))\n",
        );
        piped(hermetic(python(), &repo.path).arg("try.py"), lines)
    });
}

/// Runs a program of Ruby that has the rules in `rules` and masks each line of its input.
fn ruby(repo: &Repo, rules: &str, program: &str, lines: &[String]) -> Vec<String> {
    repo.write("rules", rules);
    repo.write("try.rb", program);
    piped(hermetic("ruby", &repo.path).arg("try.rb"), lines)
}

#[test]
#[ignore = "runs ruby, which has to be on PATH"]
fn the_filter_for_fluentd_masks_the_message() {
    masks("fluentd", plain, |repo, rules, lines| {
        // What record_transformer makes of a value.
        let program = "value = File.read('rules')[/^ *message (.*)$/, 1].gsub('${', '#{')\n\
                       STDIN.each_line(chomp: true) { |line| record = { 'message' => line }; puts eval(\"%Q[#{value}]\") }\n";
        ruby(repo, rules, program, lines)
    });
}

#[test]
#[ignore = "runs ruby, which has to be on PATH"]
fn the_filter_for_logstash_masks_the_message() {
    masks("logstash", plain, |repo, rules, lines| {
        let program = "_, regex, mask = File.read('rules')[/gsub => \\[(.*)\\]$/, 1].scan(/\"(.*?)\"/).flatten\n\
                       STDIN.each_line(chomp: true) { |line| puts line.gsub(Regexp.new(regex), mask) }\n";
        ruby(repo, rules, program, lines)
    });
}

#[test]
#[ignore = "runs perl, which has to be on PATH"]
fn the_command_for_splunk_masks_the_event() {
    masks("splunk", plain, |repo, rules, lines| {
        let command = rules.lines().find_map(|line| line.strip_prefix("SEDCMD-dynatrace_tokens = ")).unwrap();
        piped(hermetic("perl", &repo.path).args(["-pe", command]), lines)
    });
}

#[test]
#[ignore = "runs otelcol-contrib, which has to be on PATH"]
fn the_operator_for_the_collector_masks_the_body() {
    masks("otel-filelog", plain, |repo, rules, lines| {
        let stub = Stub::new();
        repo.write("in", lines.join("\n") + "\n");
        let operators: String = rules.lines().map(|line| format!("    {line}\n")).collect();
        repo.write(
            "conf.yaml",
            format!(
                "receivers:\n  filelog:\n    include: [in]\n    start_at: beginning\n    \
                 preserve_leading_whitespaces: true\n{operators}\
                 exporters:\n  otlphttp:\n    endpoint: http://{}\n    encoding: json\n    compression: none\n    \
                 sending_queue: {{enabled: false}}\n\
                 service:\n  telemetry: {{metrics: {{level: none}}}}\n  \
                 pipelines:\n    logs: {{receivers: [filelog], exporters: [otlphttp]}}\n",
                stub.host()
            ),
        );
        let _running = start(hermetic("otelcol-contrib", &repo.path).args(["--config", "conf.yaml"]));
        let mut logged = Vec::new();
        while logged.len() < lines.len() {
            let sent: Value = serde_json::from_str(&stub.take().body).unwrap();
            let records = sent["resourceLogs"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|of| of["scopeLogs"].as_array().unwrap());
            let records = records.flat_map(|of| of["logRecords"].as_array().unwrap());
            logged.extend(records.map(|record| record["body"]["stringValue"].as_str().unwrap().to_owned()));
        }
        logged
    });
}
