using Etl.Documents;
using Quality.Initialisation;

namespace Quality.Tests.Initialisation;

public sealed class A_sample_of_documents
{
    static byte[] Document(int number, int size = 0) => Bson.Make(w => w.Write("n", number).WriteBinary("b", new byte[size]));

    static int NumberOf(byte[] document)
    {
        var reader = new BsonReader(document);
        reader.Read();
        return reader.Int32;
    }

    [Fact]
    public void Gives_each_document_the_same_chance()
    {
        const int documents = 1_000, size = 100, rounds = 200;
        int[] drawn = new int[documents];
        for (int round = 0; round < rounds; round++)
        {
            var sample = new DocumentSample(size, new Random(round));
            for (int n = 0; n < documents; n++)
                sample.Offer(Document(n), isNew: false);
            Assert.Equal(size, sample.Count);
            foreach (byte[] document in sample.Drawn)
                drawn[NumberOf(document)]++;
        }
        // Binomial (200, 0.1): 20 on average; five standard deviations around the mean of each tenth of the stream.
        foreach (int[] tenth in drawn.Chunk(documents / 10))
            Assert.InRange(tenth.Average(), 20 - 2.2, 20 + 2.2);
    }

    [Fact]
    public void Keeps_whatever_is_new()
    {
        var sample = new DocumentSample(10, new Random(1));
        for (int n = 0; n < 1_000; n++)
            sample.Offer(Document(n), isNew: n == 777);
        Assert.Equal(777, NumberOf(Assert.Single(sample.Rare)));
    }

    [Fact]
    public void Stays_within_its_memory()
    {
        const int most = 100_000, size = 1_000;
        var sample = new DocumentSample(10_000, new Random(1), most);
        for (int n = 0; n < 5_000; n++)
            sample.Offer(Document(n, size), isNew: false);
        Assert.InRange(sample.Drawn.Sum(d => d.Length), most / 2, most);
        Assert.True(sample.Drawn.Select(NumberOf).Average() > 1_000); // not the first ones alone
    }
}
