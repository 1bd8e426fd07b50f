const MESSAGE = Symbol.for("message");
exports.mask = mask;
exports.format = { transform: (info) => Object.assign(info, { [MESSAGE]: mask(String(info[MESSAGE])) }) };
