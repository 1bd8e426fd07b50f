//! The rules that mask logs, each run by its tool: a line becomes what `dtguard mask` makes of it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use dtguard::find::mask;

use super::cases::Way;
use super::patterns;
use super::table::{Row, row_is, ways};
use crate::support::{Repo, hermetic, python};

/// The lines of all ways, those of a way one after the other.
fn lines(dress: fn(&str) -> String) -> Vec<(&'static Way, Vec<String>)> {
    ways().map(|way| (way, way.lines().iter().map(|line| dress(line)).collect())).collect()
}

/// Tries the rules for `tool`, which `run` puts to work in a folder: it gets the lines and
/// returns what was logged, a line for each.
#[track_caller]
pub fn masks(tool: &str, dress: fn(&str) -> String, run: impl FnOnce(&Repo, &str, &[String]) -> Vec<String>) {
    let repo = Repo::unborn();
    let cases = lines(dress);
    let all: Vec<String> = cases.iter().flat_map(|(_, lines)| lines).cloned().collect();
    let logged = run(&repo, &patterns(&repo, tool), &all);
    assert_eq!(logged.len(), all.len(), "{tool} logs each line: {logged:?}");
    let mut logged = logged.iter();
    let mut row = Vec::new();
    for (way, lines) in &cases {
        let mut right = 0;
        for line in lines {
            let (is, wanted) = (logged.next().unwrap(), mask(line));
            assert!(*is == wanted || mask(is) == *is, "{tool} shows a secret: {}: {line}\n{is}", way.name);
            right += usize::from(*is == wanted);
        }
        row.push((right, lines.len()));
    }
    row_is(tool, &Row(row));
}

pub fn plain(line: &str) -> String {
    line.to_owned()
}

/// Runs `command` with `input`, and returns the lines that it writes.
#[track_caller]
pub fn piped(command: &mut Command, input: &[String]) -> Vec<String> {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?} is not on PATH: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let text = input.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let mut out = String::new();
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut out).unwrap();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
    writer.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success(), "{out}{err}");
    out.lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn sed_masks_as_dtguard_does() {
    masks("sed", plain, |repo, rules, lines| {
        repo.write("mask.sed", rules);
        piped(hermetic("sed", &repo.path).args(["-E", "-f", "mask.sed"]), lines)
    });
}

#[test]
fn the_logging_of_python_masks_messages_arguments_and_tracebacks() {
    masks("python-logging", plain, |repo, rules, lines| {
        repo.write("dynatrace_mask.py", rules);
        repo.write("lines", lines.join("\n"));
        repo.write(
            "try.py",
            "import logging, sys, dynatrace_mask\n\
             lines = open('lines', encoding='utf-8').read().split('\\n')\n\
             handler = logging.StreamHandler(sys.stdout)\n\
             handler.setFormatter(dynatrace_mask.Formatter('%(message)s'))\n\
             log = logging.getLogger('a')\nlog.addHandler(handler)\n\
             for line in lines: log.warning('%s', line)\n\
             other = logging.getLogger('b')\nother.addHandler(logging.StreamHandler())\n\
             dynatrace_mask.install(other)\ndynatrace_mask.install(other)\n\
             try: raise ValueError(lines[0])\n\
             except ValueError: other.exception('%s', lines[0])\n",
        );
        let output = hermetic(python(), &repo.path).arg("try.py").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("ValueError: ") && said.matches("********").count() >= 2, "{said}");
        assert_eq!(mask(&said), said, "a traceback shows a secret");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    });
}

/// Runs a program of Java that logs each line, and at last an exception with the first one.
fn java(repo: &Repo, source: &str, jars: &[&str], configuration: &str) -> Vec<String> {
    let folder = std::env::var("DTGUARD_JARS").unwrap_or_else(|_| panic!("DTGUARD_JARS names no folder"));
    let jars: Vec<_> = jars.iter().map(|jar| format!("{folder}/{jar}.jar")).collect();
    repo.write("T.java", source);
    let mut java = hermetic("java", &repo.path);
    java.args([
        "-Dfile.encoding=UTF-8",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        &jars.join(":"),
        configuration,
        "T.java",
    ]);
    let mut logged = piped(&mut java, &[]);
    let exception = logged.iter().position(|line| line.contains("RuntimeException")).unwrap();
    let rest = logged.split_off(exception - 1).join("\n");
    assert!(rest.contains("********") && mask(&rest) == rest, "an exception shows a secret: {rest}");
    logged.iter().map(|line| line.split_once(" - ").unwrap().1.to_owned()).collect()
}

const TRY: &str = "LOGGERS
public class T { public static void main(String[] a) throws Exception {
    var log = MAKE.getLogger(\"x\");
    var lines = java.nio.file.Files.readAllLines(java.nio.file.Path.of(\"lines\"));
    for (String line : lines) log.info(\"{}\", line);
    log.error(\"failed\", new RuntimeException(lines.get(0)));
} }";

#[test]
#[ignore = "runs Log4j 2 by java, which has to be on PATH, and DTGUARD_JARS"]
fn log4j2_masks_messages_and_exceptions() {
    masks("log4j2", plain, |repo, rules, lines| {
        repo.write("lines", lines.join("\n"));
        repo.write(
            "log4j2.xml",
            format!(
                "<Configuration><Appenders><Console name=\"c\">\n{rules}</Console></Appenders>\
                 <Loggers><Root level=\"info\"><AppenderRef ref=\"c\"/></Root></Loggers></Configuration>"
            ),
        );
        let source =
            TRY.replace("LOGGERS", "import org.apache.logging.log4j.*;").replace("MAKE", "LogManager");
        java(repo, &source, &["log4j-api", "log4j-core"], "-Dlog4j2.configurationFile=log4j2.xml")
    });
}

#[test]
#[ignore = "runs Logback by java, which has to be on PATH, and DTGUARD_JARS"]
fn logback_masks_messages_and_exceptions() {
    masks("logback", plain, |repo, rules, lines| {
        repo.write("lines", lines.join("\n"));
        repo.write(
            "logback.xml",
            format!(
                "<configuration><appender name=\"c\" class=\"ch.qos.logback.core.ConsoleAppender\">\n{rules}\
                 </appender><root level=\"info\"><appender-ref ref=\"c\"/></root></configuration>"
            ),
        );
        let source = TRY.replace("LOGGERS", "import org.slf4j.*;").replace("MAKE", "LoggerFactory");
        java(
            repo,
            &source,
            &["logback-core", "logback-classic", "slf4j-api"],
            "-Dlogback.configurationFile=logback.xml",
        )
    });
}

/// Runs a program of Node that logs each line of its input.
fn node(repo: &Repo, rules: &str, program: &str, lines: &[String]) -> Vec<String> {
    repo.write("dynatrace-mask.cjs", rules);
    repo.write("lines", lines.join("\n"));
    repo.write(
        "try.cjs",
        format!("const lines = require('fs').readFileSync('lines', 'utf8').split('\\n');\n{program}"),
    );
    let mut logged = piped(hermetic("node", &repo.path).arg("try.cjs"), &[]);
    // The last one holds a token in an error and in a nested object.
    let nested = logged.pop().unwrap();
    assert!(nested.matches("********").count() >= 2 && mask(&nested) == nested, "{nested}");
    let parse = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let message = |line: &String| {
        let parsed = parse(line);
        parsed.get("msg").or(parsed.get("message")).unwrap().as_str().unwrap().to_owned()
    };
    logged.iter().map(message).collect()
}

#[test]
#[ignore = "runs pino by node, which has to be on PATH, and NODE_PATH"]
fn pino_masks_messages_errors_and_nested_objects() {
    masks("pino", plain, |repo, rules, lines| {
        let program = "const log = require('pino')(require('./dynatrace-mask.cjs').options, \
                       require('pino').destination({ sync: true }));\n\
                       for (const line of lines) log.info(line);\n\
                       log.error({ err: new Error(lines[0]), request: { headers: [lines[0]] } }, 'failed');\n";
        node(repo, rules, program, lines)
    });
}

#[test]
#[ignore = "runs winston by node, which has to be on PATH, and NODE_PATH"]
fn winston_masks_messages_errors_and_nested_objects() {
    masks("winston", plain, |repo, rules, lines| {
        let program = "const { createLogger, format, transports } = require('winston');\n\
                       const log = createLogger({ transports: [new transports.Console()], format: format.combine(\
                       format.errors({ stack: true }), format.json(), require('./dynatrace-mask.cjs').format) });\n\
                       for (const line of lines) log.info(line);\n\
                       log.error('failed', { error: lines[0], request: { headers: [lines[0]] } });\n";
        node(repo, rules, program, lines)
    });
}

#[cfg(unix)]
#[test]
fn the_script_for_oneagent_sends_rules_whose_group_is_the_secret_part() {
    let repo = Repo::unborn();
    repo.write("oneagent.sh", patterns(&repo, "oneagent"));
    // In place of curl: what would be sent.
    let script = "curl() { while [ $# -gt 1 ]; do shift; done; printf '%s\\n' \"$1\" | tr -d '\\n'; echo; }\n. ./oneagent.sh";
    let mut shell = hermetic("sh", &repo.path);
    let sent = piped(shell.args(["-c", script]).env("DT_ENVIRONMENT", "e").env("DT_TOKEN", "t"), &[]);
    assert_eq!(sent.len(), 2, "{sent:?}");
    let rules: Vec<_> = sent
        .iter()
        .map(|body| {
            let rule = &serde_json::from_str::<serde_json::Value>(body).unwrap()[0]["value"]["masking"];
            assert_eq!(rule["replacement"], "********");
            regex::Regex::new(rule["expression"].as_str().unwrap()).unwrap()
        })
        .collect();
    assert!(rules.iter().all(|rule| rule.captures_len() == 2));
    for line in ways().flat_map(Way::lines) {
        let masked = rules.iter().fold(line.clone(), |text, rule| {
            let whole = |found: &regex::Captures<'_>| found[0].replace(&found[1], "********");
            rule.replace_all(&text, whole).into_owned()
        });
        assert_eq!(mask(&masked), masked, "{line}");
        assert!(masked == mask(&line), "{line}: {masked}");
    }
}
