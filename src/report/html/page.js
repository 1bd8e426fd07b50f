"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ROWS = matchMedia("(max-width: 760px)").matches ? 20 : 50;
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const STATES = { blocks: "Blocks", later: "Will block", allowed: "Allowed", passes: "Passes" };
  const kinds = new Map(data.kinds.map((kind) => [kind.id, kind]));
  const number = (value) => value.toLocaleString("en");
  const said = document.getElementById("said");

  // All text from the data becomes text nodes.
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") element.addEventListener(key, value);
      else if (value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== undefined));
    return element;
  };

  // A table with sort buttons, in pages. `bar` are its filters, `keep` decides on a row.
  const list = (id, { noun, columns, rows, bar = [], keep = () => true, more }) => {
    const holder = document.querySelector(`#${id} .list`);
    if (!rows.length) {
      holder.replaceChildren(make("p", { class: "note" }, "None."));
      return () => {};
    }
    let [shown, page, by, down] = [rows, 0, null, false];
    const body = make("tbody", { role: "rowgroup" });
    const status = make("p", { role: "status", class: "note" });
    const place = make("span");
    const turn = (text, by) => make("button", { type: "button", click: () => go(page + by) }, text);
    const [back, next] = [turn("Previous", -1), turn("Next", 1)];
    const pages = make("nav", { class: "pages", "aria-label": `Pages of ${noun}` }, back, next, place);
    const last = () => Math.max(0, Math.ceil(shown.length / ROWS) - 1);

    const cell = (row, { title, text, node, head }) => {
      const name = head ? "th" : "td";
      const role = head ? { scope: "row", role: "rowheader" } : { role: "cell" };
      const wide = typeof text(row) === "number" ? { class: "number" } : {};
      const content = node ? node(row) : typeof text(row) === "number" ? number(text(row)) : text(row);
      return make(name, { ...role, ...wide, "data-label": title }, make("div", {}, content));
    };
    const line = (row) => {
      const line = make("tr", { role: "row" }, ...columns.map((column) => cell(row, column)));
      if (!more) return [line];
      const below = make("td", { colspan: columns.length + 1, role: "cell" });
      const rest = make("tr", { role: "row", class: "more", hidden: "" }, below);
      const open = (event) => {
        if (!below.firstChild) below.append(...more(row));
        rest.hidden = !rest.hidden;
        event.currentTarget.setAttribute("aria-expanded", String(!rest.hidden));
      };
      const name = `Details of ${columns[0].text(row)}`;
      const button = make("button", { type: "button", "aria-expanded": "false", "aria-label": name, click: open }, "Details");
      line.append(make("td", { role: "cell" }, button));
      return [line, rest];
    };
    const draw = () => {
      body.replaceChildren(...shown.slice(page * ROWS, (page + 1) * ROWS).flatMap(line));
      place.textContent = `Page ${number(page + 1)} of ${number(last() + 1)}`;
      back.setAttribute("aria-disabled", String(page === 0));
      next.setAttribute("aria-disabled", String(page >= last()));
      pages.hidden = last() === 0;
      const part = shown.length === rows.length ? "" : ` of ${number(rows.length)}`;
      const one = rows.length === 1 ? noun.replace(/(ie)?s$/, (end) => (end === "ies" ? "y" : "")) : noun;
      status.textContent = `${number(shown.length)}${part} ${one}`;
    };
    const go = (to) => {
      page = Math.min(Math.max(to, 0), last());
      draw();
    };
    const sort = () => {
      if (by) {
        const keys = new Map(rows.map((row) => [row, (by.key || by.text)(row) ?? ""]));
        const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        shown = [...shown].sort((a, b) => (down ? -1 : 1) * order(keys.get(a), keys.get(b)));
      }
      go(0);
    };
    const filter = () => {
      shown = rows.filter(keep);
      sort();
    };
    const heads = columns.map((column) => {
      const click = () => {
        down = by === column ? !down : Boolean(column.down);
        by = column;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort();
        said.textContent = `Sorted by ${column.title}, ${down ? "descending" : "ascending"}`;
      };
      const wide = typeof column.text(rows[0]) === "number" ? { class: "number" } : {};
      const head = make("th", { scope: "col", role: "columnheader", ...wide }, make("button", { type: "button", click }, column.title));
      return head;
    });
    const still = more ? make("th", { scope: "col", role: "columnheader", class: "still" }, make("span", { class: "hidden" }, "Details")) : undefined;
    const top = make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...heads, still));
    const table = make("table", { role: "table", "aria-labelledby": `${id}-title` }, top, body);
    bar.forEach((field) => field.addEventListener("input", filter));
    const filters = bar.length ? make("div", { class: "bar", role: "search", "aria-label": `Filter ${noun}` }, ...bar) : undefined;
    holder.replaceChildren(...[filters, status, table, pages].filter(Boolean));
    filter();
    return filter;
  };

  const field = (label, input) => make("label", {}, label, input);
  const check = (label, input) => make("label", { class: "check" }, input, label);
  const search = (attributes) => make("input", { type: "search", autocomplete: "off", spellcheck: "false", ...attributes });

  const copy = (from) => async () => {
    try {
      await navigator.clipboard.writeText(from.textContent);
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(from);
      said.textContent = "Selected: copy it with the keyboard";
    }
  };
  const facts = (pairs) => {
    const known = pairs.filter(([, value]) => value !== undefined && value !== "");
    return make("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  };
  const revoke = (finding) => {
    const filled = (text) => text.replaceAll("{id}", () => finding.identifier || "IDENTIFIER");
    const ways = (kinds.get(finding.kind)?.revoke || []).flatMap(({ text, scope, command }) => {
      const needs = scope ? `${filled(text)} (with a token that has the scope ${scope})` : filled(text);
      if (!command || (command.includes("{id}") && !finding.identifier)) return [make("p", {}, needs)];
      const code = make("pre", { tabindex: "0", "aria-label": "Command that revokes the token" }, filled(command));
      return [make("p", {}, needs), code, make("button", { type: "button", click: copy(code) }, "Copy the command")];
    });
    if (!ways.length) return [];
    const steps = make("code", {}, `dtguard respond ${finding.identifier || finding.fingerprint}`);
    return [make("p", {}, make("strong", {}, "Revoke it in one of these ways")), ...ways, make("p", { class: "note" }, "Step by step: ", steps)];
  };

  const where = ({ path, member, part, line, commit }) => {
    const messages = { "commit-message": `message of commit ${(commit || "").slice(0, 12)}`, "tag-message": `message of ${path}` };
    if (messages[part]) return line ? `${messages[part]}, line ${line}` : messages[part];
    const name = [path || (commit ? `commit ${commit.slice(0, 12)}` : "the repository"), member].filter(Boolean).join("!/");
    return part === "path" ? `${name} (its name)` : line ? `${name}:${line}` : name;
  };

  const findings = [];
  const gaps = [];
  for (const repository of data.repositories) {
    for (const finding of repository.findings) {
      const kind = kinds.get(finding.kind);
      const place = where(finding);
      const token = finding.identifier || `${finding.fingerprint.slice(0, 12)}…`;
      const words = [repository.name, kind.name, kind.id, place, token, finding.fingerprint, finding.owner, finding.reason, finding.commit];
      findings.push({ ...finding, repository, kindOf: kind, place, token, words: words.filter(Boolean).join("\n").toLowerCase() });
    }
    for (const gap of repository.gaps) gaps.push({ ...gap, repository, place: where(gap) });
    const missing = repository.gap_count - repository.gaps.length;
    if (missing > 0) gaps.push({ repository, place: `${number(missing)} more`, reason: "not listed in the report", unreadable: true });
  }
  const rank = (one) => [one.state === "blocks" ? 0 : 1, SEVERITIES.indexOf(one.kindOf.severity), one.stands ? 0 : 1].join("") + (one.since || "9");
  const ranks = new Map(findings.map((one) => [one, rank(one)]));
  findings.sort((a, b) => (ranks.get(a) < ranks.get(b) ? -1 : 1));

  const text = search({ placeholder: "Path, identifier, owner, …" });
  const inRepository = search({ list: "repository-names", placeholder: "Any" });
  const names = make("datalist", { id: "repository-names" }, ...data.repositories.slice(0, 2000).map(({ name }) => make("option", { value: name })));
  const option = ({ id, name }) => make("option", { value: id }, `${name} (${id})`);
  const ofKind = make("select", {}, make("option", { value: "" }, "Any"), ...data.kinds.map(option));
  const standing = make("input", { type: "checkbox" });
  const blocking = make("input", { type: "checkbox", checked: "" });
  const words = () => text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = (one) => make("span", { class: one.state === "blocks" ? "alarm" : one.state === "later" ? "warn" : undefined }, STATES[one.state]);
  const again = list("findings", {
    noun: "findings",
    rows: findings,
    columns: [
      { title: "Token", head: true, text: (one) => one.token, node: (one) => make("code", {}, one.token) },
      { title: "Kind", text: (one) => one.kindOf.name, key: (one) => SEVERITIES.indexOf(one.kindOf.severity) + one.kindOf.name, node: (one) => make("span", {}, one.kindOf.name, " ", make("span", { class: "tag" }, one.kindOf.severity)) },
      { title: "Repository", text: (one) => one.repository.name },
      { title: "Place", text: (one) => one.place, node: (one) => make("code", {}, one.place) },
      { title: "State", text: (one) => STATES[one.state], node: state },
      { title: "Now in", text: (one) => (one.stands ? "a branch or tag" : "history only") },
      { title: "Since", text: (one) => one.since || "", key: (one) => one.since || "9", node: (one) => make("span", { class: "day" }, one.since || "") },
      { title: "Owner", text: (one) => one.owner || "" },
    ],
    bar: [field("Search", text), field("Kind", ofKind), field("Repository", inRepository), check("Only in a branch or tag", standing), check("Only blocking", blocking)],
    keep: (one) =>
      (!blocking.checked || one.state === "blocks" || one.state === "later") &&
      (!standing.checked || one.stands) &&
      (!ofKind.value || one.kind === ofKind.value) &&
      (!inRepository.value || one.repository.name.includes(inRepository.value)) &&
      words().every((word) => one.words.includes(word)),
    more: (one) => [
      facts([
        ["Repository", one.repository.name],
        ["Place", one.place],
        ["Commit", one.commit],
        ["Certainty", one.certainty],
        ["Fingerprint", one.fingerprint],
        ["Allowed because", one.reason],
        ["Allowed until", one.expires],
      ]),
      ...revoke(one),
    ],
  });
  document.getElementById("findings").append(names);

  const show = (name) => () => {
    inRepository.value = name;
    text.value = ofKind.value = "";
    standing.checked = blocking.checked = false;
    again();
    document.getElementById("findings").focus();
  };
  const count = (repository, test) => repository.findings.filter(test).length;
  list("repositories", {
    noun: "repositories",
    rows: data.repositories.map((one) => ({ ...one, blocking: count(one, (f) => f.state === "blocks" || f.state === "later"), standing: count(one, (f) => f.stands && (f.state === "blocks" || f.state === "later")) })).sort((a, b) => b.blocking - a.blocking || b.gap_count - a.gap_count),
    columns: [
      { title: "Repository", head: true, text: (one) => one.name, node: (one) => make("button", { type: "button", class: "plain", click: show(one.name) }, one.name) },
      { title: "Blocking", down: true, text: (one) => one.blocking },
      { title: "In a branch or tag", down: true, text: (one) => one.standing },
      { title: "Passing", down: true, text: (one) => one.findings.length - one.blocking },
      { title: "Gaps", down: true, text: (one) => one.gap_count },
      { title: "Verdict", text: (one) => one.verdict },
      { title: "Scanned", text: (one) => `${(one.ended || "").slice(0, 10)}, ${one.scope}` },
    ],
  });
  list("gaps", {
    noun: "gaps",
    rows: gaps,
    columns: [
      { title: "Repository", head: true, text: (one) => one.repository.name },
      { title: "What", text: (one) => one.place, node: (one) => make("code", {}, one.place) },
      { title: "Reason", text: (one) => one.reason || "" },
      { title: "Kind", text: (one) => (one.unreadable ? "Not readable" : "Part not scanned") },
      { title: "What to do", text: (one) => one.hint || "" },
    ],
  });
  list("exceptions", {
    noun: "exceptions",
    rows: data.exceptions,
    columns: [
      { title: "Expires", head: true, text: (one) => one.expires, node: (one) => make("span", { class: "day" }, one.expires) },
      { title: "State", text: (one) => ({ expired: "Expired", soon: "Expires soon", valid: "Valid" })[one.state], node: (one) => make("span", { class: { expired: "alarm", soon: "warn" }[one.state] }, { expired: "Expired", soon: "Expires soon", valid: "Valid" }[one.state]) },
      { title: "Repository", text: (one) => one.repository },
      { title: "Entry", text: (one) => one.entry, node: (one) => make("code", {}, one.entry) },
      { title: "Owner", text: (one) => one.owner || "" },
      { title: "Reason", text: (one) => one.reason },
      { title: "Findings", down: true, text: (one) => one.findings },
    ],
  });
  if (data.problems.length) {
    list("missing", {
      noun: "missing reports",
      rows: data.problems,
      columns: [
        { title: "Repository", head: true, text: (one) => one.repository || "not known" },
        { title: "File", text: (one) => one.file || "" },
        { title: "Problem", text: (one) => one.what },
        { title: "Reason", text: (one) => one.reason },
      ],
    });
  }
})();
