// Holds the emulator to what the Node.js driver, a client that others wrote, expects of a MongoDB server.
// Run: node node_checks.js FOLDER_OF_THE_DRIVER PORT LOGIN_URI TLS_URI   (prints the checks that passed; fails with a stack)
// Written for the drivers of ten years: 3.6, which still says hello by OP_QUERY, and today's.
'use strict';
const assert = require('assert');
const path = require('path');
const [folder, port, loginUri, tlsUri] = process.argv.slice(2);
const { MongoClient, ObjectId, Long, Decimal128 } = require(path.join(folder, 'node_modules', 'mongodb'));
const major = Number(require(path.join(folder, 'node_modules', 'mongodb', 'package.json')).version.split('.')[0]);

const open = (uri, options = {}) => new MongoClient(uri, { serverSelectionTimeoutMS: 5000, ...(major < 4 ? { useUnifiedTopology: true } : {}), ...options });
const values = reply => (reply && 'lastErrorObject' in reply ? reply.value : reply); // findOneAndX gives the document itself since 6.0

async function raises(code, call) {
  try {
    await call();
  } catch (e) {
    assert.strictEqual(e.code, code, e);
    return e;
  }
  assert.fail(`nothing raised, expected ${code}`);
}

let client, db;
const fail = (times, data) => client.db('admin').command({ configureFailPoint: 'failCommand', mode: times ? { times } : 'off', data });

const checks = {
  async documents() {
    const c = db.collection('documents');
    const many = Array.from({ length: 5000 }, (_, i) => ({ _id: i, name: `user ${i}`, age: 18 + (i % 60), tags: [`t${i % 5}`] }));
    assert.strictEqual((await c.insertMany(many)).insertedCount, 5000);
    assert.deepStrictEqual(await c.find({}, { batchSize: 300 }).toArray(), many);
    assert.strictEqual(await c.countDocuments({ age: { $gte: 77 } }), many.filter(d => d.age >= 77).length);
    assert.deepStrictEqual(await c.find({ name: /^USER 12$/i }).project({ name: 1 }).toArray(), [{ _id: 12, name: 'user 12' }]);
    assert.deepStrictEqual((await c.find({ tags: 't1' }).sort({ _id: -1 }).limit(2).toArray()).map(d => d._id), [4996, 4991]);
    assert.deepStrictEqual((await c.distinct('tags')).sort(), ['t0', 't1', 't2', 't3', 't4']);
    const updated = await c.updateMany({ _id: { $lt: 10 } }, { $inc: { age: 1 }, $push: { tags: 'new' } });
    assert.strictEqual(updated.modifiedCount, 10);
    assert.strictEqual((await c.deleteMany({ tags: 'new' })).deletedCount, 10);
    assert.strictEqual(values(await c.findOneAndUpdate({ _id: 10 }, { $set: { age: 1 } })).age, 28);
    const made = await c.updateOne({ _id: 'x' }, { $set: { money: Decimal128.fromString('1.10'), big: Long.fromString('9007199254740993') } }, { upsert: true });
    assert.strictEqual(made.upsertedCount, 1);
    const kept = await c.findOne({ _id: 'x' }, { promoteLongs: false });
    assert.strictEqual(`${kept.money} ${kept.big}`, '1.10 9007199254740993');
    const bulk = await c.bulkWrite([{ insertOne: { document: { _id: 'b' } } }, { updateOne: { filter: { _id: 'b' }, update: { $set: { a: 1 } } } }, { deleteOne: { filter: { _id: 'b' } } }]);
    assert.deepStrictEqual([bulk.insertedCount, bulk.modifiedCount, bulk.deletedCount], [1, 1, 1]);
    assert.ok(ObjectId.isValid(String((await c.insertOne({})).insertedId)));
  },

  async aggregation() {
    const c = db.collection('sales');
    await c.insertMany([{ _id: 1, shop: 'a', items: [1, 2] }, { _id: 2, shop: 'b', items: [3] }, { _id: 3, shop: 'a', items: [] }]);
    const got = await c.aggregate([{ $unwind: '$items' }, { $group: { _id: '$shop', sum: { $sum: '$items' } } }, { $sort: { _id: 1 } }, { $project: { _id: 0, shop: '$_id', sum: 1 } }]).toArray();
    assert.deepStrictEqual(got, [{ sum: 3, shop: 'a' }, { sum: 3, shop: 'b' }]);
    assert.strictEqual((await c.aggregate([{ $sample: { size: 2 } }]).toArray()).length, 2);
    await raises(40324, () => c.aggregate([{ $frobnicate: 1 }]).toArray());
  },

  async uniqueIndexes() {
    const c = db.collection('unique');
    assert.strictEqual(await c.createIndex({ mail: 1 }, { unique: true }), 'mail_1');
    await c.insertOne({ mail: 'a' });
    const e = await raises(11000, () => c.insertOne({ mail: 'a' }));
    assert.match(e.message, /E11000 duplicate key error collection: node\.unique index: mail_1 dup key: \{ mail: "a" \}/);
    assert.deepStrictEqual(e.keyPattern, { mail: 1 });
    assert.deepStrictEqual(e.keyValue, { mail: 'a' });
    await raises(11000, () => c.updateOne({ _id: 5 }, { $set: { mail: 'a' } }, { upsert: true }));
    assert.deepStrictEqual((await c.indexes()).map(i => i.name), ['_id_', 'mail_1']);
    await c.dropIndex('mail_1');
    await raises(27, () => c.dropIndex('mail_1'));
  },

  async catalog() {
    assert.ok((await db.listCollections({}, { nameOnly: true }).toArray()).some(c => c.name === 'unique'));
    assert.ok((await client.db().admin().listDatabases()).databases.some(d => d.name === 'node'));
  },

  async errors() {
    const c = db.collection('documents');
    await raises(2, () => c.find({ a: { $frobnicate: 1 } }).toArray());
    await raises(2, () => c.find({}).collation({ locale: 'de' }).toArray());
    await raises(59, () => db.command({ frobnicate: 1 }));
    await raises(9, () => c.updateOne({}, { $frobnicate: { a: 1 } }));
  },

  async sessions() {
    const session = client.startSession();
    const got = await db.collection('documents').find({}, { session, batchSize: 10 }).limit(25).toArray();
    assert.strictEqual(got.length, 25);
    await session.endSession();
  },

  async failPoints() {
    const c = db.collection('failing');
    const { count } = await fail(1, { failCommands: ['insert'], errorCode: 11602 });
    await c.insertOne({ _id: 1 });
    await fail(1, { failCommands: ['insert'], closeConnection: true });
    await c.insertOne({ _id: 2 });
    await fail(1, { failCommands: ['find'], closeConnection: true });
    assert.strictEqual((await c.find().toArray()).length, 2);
    await fail(1, { failCommands: ['insert'], writeConcernError: { code: 91, errmsg: 'leaving' } });
    const late = await c.insertOne({ _id: 3 }).catch(e => e); // done, then retried where the driver heeds the label
    assert.ok(late.insertedId === 3 || late.code === 91, late);
    assert.strictEqual(await c.countDocuments({}), 3);
    await c.insertMany(Array.from({ length: 10 }, () => ({})));
    await fail(1, { failCommands: ['getMore'], errorCode: 43 });
    await raises(43, () => c.find({}, { batchSize: 3 }).toArray());
    await fail(1, { failCommands: ['find'], blockConnection: true, blockTimeMS: 10000 });
    await raises(50, () => c.find({}).maxTimeMS(50).toArray());
    assert.strictEqual((await fail(0, {})).count - count, 6);
  },

  async login() {
    const own = open(loginUri);
    await own.connect();
    assert.deepStrictEqual((await own.db('admin').command({ connectionStatus: 1 })).authInfo.authenticatedUsers, [{ user: 'reader', db: 'admin' }]);
    await own.db('node').collection('secret').insertOne({});
    await own.close();
    const host = loginUri.split('@')[1];
    const nobody = open(`mongodb://${host}`);
    await nobody.connect();
    await raises(13, () => nobody.db('node').collection('secret').findOne({}));
    await nobody.close();
    const wrong = open(`mongodb://reader:wrong@${host}`);
    await raises(18, async () => { await wrong.connect(); await wrong.db('node').collection('secret').findOne({}); });
    await wrong.close();
  },

  async tls() {
    const own = open(tlsUri);
    await own.connect();
    await own.db('node').collection('tls').insertOne({ text: 'x'.repeat(5_000_000) });
    assert.strictEqual((await own.db('node').collection('tls').findOne({})).text.length, 5_000_000);
    await own.close();
  },
};

(async () => {
  client = open(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`);
  await client.connect();
  db = client.db('node');
  await db.dropDatabase();
  for (const [name, check] of Object.entries(checks)) {
    await check();
    console.log(name);
  }
  await client.close();
})().catch(e => { console.error(e); process.exit(1); });
