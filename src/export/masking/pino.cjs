exports.mask = mask;
exports.options = { hooks: { streamWrite: mask } };
