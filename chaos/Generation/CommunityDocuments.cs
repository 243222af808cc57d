using Etl.Documents;

namespace Chaos.Generation;

/// <summary>The community's documents as the application writes them: its names, its order of fields, its number types.</summary>
sealed class CommunityDocuments
{
    public const string Users = "users", Groups = "groups", Messages = "messages";

    readonly BsonWriter writer = new(4096);

    public byte[] Group(CommunityGroup group)
    {
        Begin();
        Id("_id", group.Id);
        writer.WriteDateTime("startDate", CommunityDay.StartOf(group.StartDate));
        Text("healthCoach", group.HealthCoach);
        return Ended();
    }

    public byte[] User(CommunityUser user)
    {
        var profile = user.Profile ?? throw new InvalidOperationException("A user found in the database is not written anew.");
        var gap = profile.Gap;
        Begin();
        Id("_id", user.Id);
        writer.Write("firstname", gap == ProfileGap.FirstNameEmpty ? "" : profile.FirstName);
        Text("lastname", gap == ProfileGap.LastNameNull ? null : profile.LastName);
        if (gap == ProfileGap.AgeNull)
            writer.WriteNull("age");
        else
            writer.Write("age", profile.Age);
        if (gap != ProfileGap.GenderMissing)
            writer.Write("gender", gap == ProfileGap.GenderEmpty ? "" : profile.Gender);
        if (gap != ProfileGap.CountryMissing)
            writer.Write("country", gap == ProfileGap.CountryEmpty ? "" : profile.Country);
        if (gap != ProfileGap.PostCodeMissing)
            Text("postCode", gap switch { ProfileGap.PostCodeNull => null, ProfileGap.PostCodeEmpty => "", _ => profile.PostCode });
        writer.WriteDateTime("signUpDate", user.SignUpDate);
        if (user.GroupId is { } group)
            Id("groupId", group);
        else
            writer.WriteNull("groupId");
        if (gap != ProfileGap.HelpersMissing)
            writer.BeginDocument("fakeDataHelpers").Write("messagesPerDay", user.MessagesPerDay).End();
        Subscription(user, profile);
        return Ended();
    }

    void Subscription(CommunityUser user, CommunityProfile profile)
    {
        var plan = user.Plan ?? throw new InvalidOperationException("A new user has a plan.");
        writer.BeginDocument("subscriptions");
        Id("_id", profile.SubscriptionId);
        Id("subscriptionID", profile.SubscriptionReference);
        writer.WriteDateTime("startDate", user.SubscriptionStart);
        writer.BeginDocument("planType");
        Id("_id", profile.PlanTypeId);
        writer.Write("planID", plan.Id).Write("planDescription", plan.Description);
        Number("planCost", plan.Cost);
        writer.Write("currency", CommunityPlan.Currency).Write("planLength", plan.LengthInMonths)
            .Write("planLengthUnits", CommunityPlan.LengthUnits).Write("paymentType", plan.PaymentType);
        writer.End();
        Invoices("invoices", user.Invoices);
        writer.End();
    }

    /// <summary>The invoice job's update: the whole array, with new ids.</summary>
    public byte[] ReplaceInvoices(CommunityUser user)
    {
        Begin();
        writer.BeginDocument("$set");
        Invoices("subscriptions.invoices", user.Invoices);
        writer.End();
        return Ended();
    }

    void Invoices(string name, CommunityInvoice[] invoices)
    {
        writer.BeginArray(name);
        foreach (var invoice in invoices)
        {
            writer.BeginDocument();
            Id("_id", invoice.Id);
            Number("amount", invoice.Amount);
            writer.Write("currency", CommunityPlan.Currency);
            writer.BeginDocument("info").Write("status", invoice.Status).WriteDateTime("date", invoice.Date).End();
            writer.End();
        }
        writer.End();
    }

    /// <summary>A new thread, with the messages that wait in it.</summary>
    public byte[] Thread(CommunityThread thread)
    {
        Begin();
        Id("_id", thread.Id);
        Id("userId", thread.UserId);
        Id("groupId", thread.GroupId);
        if (thread.Pending.Count > 0)
            writer.WriteDateTime("latestMessageDate", thread.Pending[^1].Date);
        else
            writer.WriteNull("latestMessageDate");
        writer.BeginArray("messages");
        Elements(thread.Pending);
        writer.End();
        return Ended();
    }

    /// <summary>Appends the waiting messages to a stored thread.</summary>
    public byte[] PushMessages(CommunityThread thread)
    {
        Begin();
        writer.BeginDocument("$push").BeginDocument("messages").BeginArray("$each");
        Elements(thread.Pending);
        writer.End().End().End();
        writer.BeginDocument("$set").WriteDateTime("latestMessageDate", thread.Pending[^1].Date).End();
        return Ended();
    }

    void Elements(List<CommunityMessage> messages)
    {
        foreach (var message in messages)
        {
            writer.BeginDocument().WriteDateTime("messageDate", message.Date);
            Text("message", message.Text);
            writer.End();
        }
    }

    /// <summary>The application's numbers: whole ones arrive as int32, others as double.</summary>
    void Number(string name, decimal value)
    {
        if (value == decimal.Truncate(value))
            writer.Write(name, (int)value);
        else
            writer.Write(name, (double)value);
    }

    void Text(string name, string? value)
    {
        if (value is null)
            writer.WriteNull(name);
        else
            writer.Write(name, value);
    }

    void Id(string name, ObjectId id)
    {
        Span<byte> bytes = stackalloc byte[ObjectId.Size];
        id.CopyTo(bytes);
        writer.WriteObjectId(name, bytes);
    }

    void Begin()
    {
        writer.Reset();
        writer.BeginDocument();
    }

    byte[] Ended()
    {
        writer.End();
        return writer.ToArray();
    }
}
