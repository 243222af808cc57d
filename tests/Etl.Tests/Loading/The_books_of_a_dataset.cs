using Etl.Contracts;
using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>A dataset that is read more than once in a run is booked as if it had been read once.</summary>
public sealed class The_books_of_a_dataset
{
    static readonly Dataset Users = ContractReader.Read(Community.Folder).Datasets[0];
    static readonly Table Root = Users.RootTable;

    readonly DatasetBooks books = new(Users);
    readonly DocumentLedger journal = new("users");
    readonly TableLedger journalOfRoot = new(Root);

    void Read(DocumentLedger documents, TableLedger table)
    {
        books.Add(documents, [table]);
        journal.Add(documents);
        journalOfRoot.Add(table);
    }

    void Withdraw(long documents, long rows)
    {
        books.Withdraw(documents, [new TableLedger(Root) { Removed = rows }]);
        journalOfRoot.Removed += rows;
    }

    static DocumentLedger Documents(long loaded, long unchanged, long quarantined = 0) => new("users") { Read = loaded + unchanged + quarantined, Loaded = loaded, Unchanged = unchanged, Quarantined = quarantined };

    static TableLedger Rows(long inserted, long updated, long unchanged, long removed = 0) =>
        new(Root) { Produced = inserted + updated + unchanged, Inserted = inserted, Updated = updated, Unchanged = unchanged, Removed = removed };

    void Are(DocumentLedger documents, TableLedger rows)
    {
        Assert.Equal(documents, books.Documents);
        Assert.Equal(rows, books.Tables[0]);
        Assert.All(books.Tables, t => Assert.True(t.Balances, $"{t}"));
        Assert.Equal(journalOfRoot.Inserted - journalOfRoot.Removed, rows.Inserted - rows.Removed); // what stands in the table
        var (byDocument, byTable) = books.Correction();
        journal.Add(byDocument);
        journalOfRoot.Add(byTable[0]);
        Assert.Equal((documents, rows), (journal, journalOfRoot));
    }

    [Fact]
    public void Of_one_reading_are_its_own()
    {
        Read(Documents(3, 4, 1), Rows(1, 2, 4));
        Are(Documents(3, 4, 1), Rows(1, 2, 4));
    }

    [Fact]
    public void Count_what_an_earlier_reading_loaded_and_the_last_left_alone_as_loaded()
    {
        Read(Documents(10, 0), Rows(10, 0, 0));
        books.ReadAgain();
        Read(Documents(1, 19), Rows(1, 0, 19)); // one more came meanwhile
        Are(Documents(11, 9), Rows(11, 0, 9));
        Assert.Equal((2, 30L), (books.Readings, books.Read));
    }

    [Fact]
    public void Forget_what_was_taken_out_again()
    {
        Read(Documents(10, 0, 1), Rows(10, 0, 0));
        Withdraw(4, 4); // two pairs dispute a key
        books.ReadAgain();
        Read(Documents(2, 6, 3), Rows(2, 0, 6));
        Are(Documents(8, 0, 3), Rows(8, 0, 0));
    }

    [Fact]
    public void Keep_what_was_taken_out_and_had_stood_there_before()
    {
        Read(Documents(3, 0), Rows(3, 0, 0)); // the rest of a run that was interrupted after seven
        Withdraw(10, 10);
        books.ReadAgain();
        Read(Documents(10, 0), Rows(10, 0, 0));
        Are(Documents(10, 0), Rows(10, 0, 0, removed: 7));
    }

    [Fact]
    public void Count_rows_that_are_written_twice_once()
    {
        Read(Documents(5, 5), Rows(2, 3, 5, removed: 1));
        books.ReadAgain();
        Read(Documents(10, 0), Rows(0, 10, 0)); // all have changed meanwhile
        Are(Documents(10, 0), Rows(2, 8, 0, removed: 1));
    }

    [Fact]
    public void Let_rows_that_came_and_went_cancel()
    {
        Read(Documents(5, 0), Rows(5, 0, 0));
        books.ReadAgain();
        Read(Documents(0, 3), Rows(0, 0, 3, removed: 2)); // two are gone meanwhile
        Are(Documents(3, 0), Rows(3, 0, 0));
    }

    [Fact]
    public void Keep_the_rows_of_a_document_that_turned_bad_meanwhile()
    {
        Read(Documents(5, 0), Rows(5, 0, 0));
        books.ReadAgain();
        Read(Documents(0, 4, 1), Rows(0, 0, 4));
        Are(Documents(4, 0, 1), Rows(5, 0, 0));
    }

    [Fact]
    public void Of_three_readings_are_those_of_one_too()
    {
        Read(Documents(3, 0), Rows(3, 0, 0));
        Withdraw(2, 2);
        books.ReadAgain();
        Read(Documents(6, 1), Rows(6, 0, 1));
        Withdraw(1, 1);
        books.ReadAgain();
        Read(Documents(1, 6), Rows(1, 0, 6));
        Are(Documents(7, 0), Rows(7, 0, 0));
    }
}
